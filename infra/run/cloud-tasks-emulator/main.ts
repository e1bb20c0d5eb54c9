import { once } from 'node:events';
import { topology } from '@paid-community/shared/topology.ts';
import { orExit } from '../../ops/command-line/or-exit.ts';
import { readOptions } from '../../ops/command-line/read-arguments.ts';
import { wholeNumber } from '../../ops/command-line/whole-number.ts';
import { queueOptionsOf } from './queue-settings.ts';
import { startCloudTasksEmulator } from './start-cloud-tasks-emulator.ts';

const USAGE =
  'node infra/run/cloud-tasks-emulator/main.ts [--host 127.0.0.1] [--port 8123] [--project demo-paid-community] [--location asia-south1]\n';

// The queues of the topology.
const { host, port, project, location } = orExit(() => {
  const types = {
    host: { type: 'string' },
    port: { type: 'string' },
    project: { type: 'string' },
    location: { type: 'string' },
  } as const;
  const {
    host = '127.0.0.1',
    port = '8123',
    project = 'demo-paid-community',
    location = 'asia-south1',
  } = readOptions(process.argv.slice(2), types);
  return { host, port: wholeNumber('--port', port, 0, 65_535), project, location };
}, USAGE);
const queues = topology.queues.map((queue) => queueOptionsOf(queue, { project, location }));
const emulator = await startCloudTasksEmulator({ host, port, queues });
process.stderr.write(
  `Cloud Tasks test server on ${emulator.host}; its tasks are in memory. Ctrl-C stops.\n${queues.map(({ name }) => `  ${name}\n`).join('')}`,
);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await emulator.close();
