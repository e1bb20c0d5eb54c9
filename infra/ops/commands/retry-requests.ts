import { timeRange } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { workThrough } from '../many.ts';
import { whichOnes } from './which-ones.ts';

export const retryRequests = defineCommand({
  name: 'requests retry',
  summary:
    'Gives FAILED requests all their attempts again: one, some, or all that failed in a time. Their dead letters are settled with it.',
  parameters: [{ name: 'requestId', description: 'of a FAILED request', optional: true, many: true }],
  options: {
    all: { type: 'boolean', description: 'all that are FAILED' },
    since: { type: 'string', value: 'T', description: 'only those that failed at this time or later' },
    until: { type: 'string', value: 'T', description: 'only those that failed before this time' },
  },
  run: ({ values, parameters }, { api, output, now }) => {
    const times = timeRange(values, now());
    return workThrough(
      { verb: 'retried', path: '/requests/retry', bodies: [whichOnes(parameters, times, values.all === true)] },
      { api, output },
    );
  },
});
