import { secondsArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { workThrough } from '../many.ts';
import { whichOnes } from './which-ones.ts';

export const requeueRequests = defineCommand({
  name: 'requests requeue',
  summary:
    'Gives requests whose task was lost another one, at once: one, some, or all whose next attempt is long overdue.',
  parameters: [
    { name: 'requestId', description: 'of a request that is QUEUED or PROCESSING', optional: true, many: true },
  ],
  options: {
    all: { type: 'boolean', description: 'all whose next attempt is overdue by --stuck-for' },
    'stuck-for': {
      type: 'string',
      value: 'D',
      description: 'a duration (default: 1h; a task may wait that long in a queue with a backlog)',
    },
  },
  run: ({ values, parameters }, { api, output }) => {
    const filter = { stuckForSeconds: secondsArgument('stuck-for', values['stuck-for']) };
    return workThrough(
      { verb: 'requeued', path: '/requests/requeue', bodies: [whichOnes(parameters, filter, values.all === true)] },
      { api, output },
    );
  },
});
