import { defineCommand } from '../command.ts';
import { workThrough } from '../many.ts';
import { countOf, filterOf, filterOptions } from './dead-letter-options.ts';
import { whichOnes } from './which-ones.ts';

export const retryDeadLetters = defineCommand({
  name: 'dead-letters retry',
  summary: 'Sends dead letters again: one, some, or all that match. One that fails again is open again, with a longer history.',
  parameters: [{ name: 'id', description: 'as the list shows it', optional: true, many: true }],
  options: { all: { type: 'boolean', description: 'all that are open' }, ...filterOptions },
  run: async ({ values, parameters }, { api, output, now }) => {
    const filter = filterOf(values, now());
    const body = whichOnes(parameters, filter, values.all === true);
    return workThrough({ verb: 'retried', path: '/dead-letters/retry', body, total: await countOf(parameters, filter, { api }) }, { api, output });
  },
});
