import { defineCommand } from '../command.ts';
import { workThrough } from '../many.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { countOf, filterOf, filterOptions } from './dead-letter-options.ts';
import { whichOnes } from './which-ones.ts';

export const discardDeadLetters = defineCommand({
  name: 'dead-letters discard',
  summary:
    'Says of open dead letters that nobody will send them again, and why. They are kept, and one of them may still be retried by its id.',
  parameters: [{ name: 'id', description: 'as the list shows it', optional: true, many: true }],
  options: {
    reason: {
      type: 'string',
      value: 'R',
      description: 'why, for a later reader; nothing that identifies a person',
    },
    all: { type: 'boolean', description: 'all that are open' },
    ...filterOptions,
  },
  run: async ({ values, parameters }, { api, output, confirm, now }) => {
    if (values.reason === undefined) throw new UsageError('--reason is needed: why nobody will send them again');
    const filter = filterOf(values, now());
    const body = { ...whichOnes(parameters, filter, values.all === true), reason: values.reason };
    const total = await countOf(parameters, filter, { api });
    await confirm(
      total === undefined
        ? 'All open dead letters that match will be discarded.'
        : `Dead letters to be discarded: ${total}.`,
    );
    return workThrough({ verb: 'discarded', path: '/dead-letters/discard', bodies: [body], total }, { api, output });
  },
});
