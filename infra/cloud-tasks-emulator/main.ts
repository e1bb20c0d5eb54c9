import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { topology } from '@paid-community/shared/topology.ts';
import { queueOptionsOf } from './queue-settings.ts';
import { startCloudTasksEmulator } from './start-cloud-tasks-emulator.ts';

// `node infra/cloud-tasks-emulator/main.ts --port=8123 --project=demo --location=asia-south1`: the queues of the topology.
const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8123' },
    project: { type: 'string', default: 'demo-paid-community' },
    location: { type: 'string', default: 'asia-south1' },
  },
});
const queues = topology.queues.map((queue) => queueOptionsOf(queue, values));
const emulator = await startCloudTasksEmulator({ host: values.host, port: Number(values.port), queues });
process.stderr.write(`Cloud Tasks test server on ${emulator.host}; its tasks are in memory. Ctrl-C stops.\n${queues.map(({ name }) => `  ${name}\n`).join('')}`);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await emulator.close();
