import { defineCommand } from '../command.ts';
import { workThrough } from '../many.ts';
import { countOf, filterOf, filterOptions } from './dead-letter-options.ts';
import { whichOnes } from './which-ones.ts';

export const retryDeadLetters = defineCommand({
  name: 'dead-letters retry',
  summary:
    'Sends dead letters again: one, some, or all that match. One that fails again is open again, with a longer history.',
  parameters: [{ name: 'id', description: 'as the list shows it', optional: true, many: true }],
  options: { all: { type: 'boolean', description: 'all that are open' }, ...filterOptions },
  run: async ({ values, parameters }, { api, output, now }) => {
    const filter = filterOf(values, now());
    const body = whichOnes(parameters, filter, values.all === true);
    const open = await countOf(parameters, filter, { api });
    // Of those that match, also the ones that somebody began to send and never did, because the command or the system
    // died.
    const bodies = parameters.length > 0 ? [body] : [body, { ...body, status: 'retrying' }];
    return workThrough(
      { verb: 'retried', path: '/dead-letters/retry', bodies, ...(open === 0 ? {} : { total: open }) },
      { api, output },
    );
  },
});
