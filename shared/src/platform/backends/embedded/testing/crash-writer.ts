import { writeSync } from 'node:fs';
import { systemClock } from '../../../lifecycle/system-clock.ts';
import { createLogger } from '../../../log/logger.ts';
import { createDocument } from '../../../ports/document-store.ts';
import { openEmbeddedBackend } from '../open-embedded-backend.ts';
import { crashTopology, pairs, queue, topic } from './crash-topology.ts';

// A process to be killed by crash.faults.ts. Says on standard output what has been acknowledged to it, one line each.

const [dataDir = '', round = ''] = process.argv.slice(2);
const backend = openEmbeddedBackend({
  dataDir,
  topology: crashTopology,
  clock: systemClock,
  log: createLogger({ level: 'error', secrets: [] }),
});
// Written to the pipe before the call returns: a line that was not written is not an acknowledgement.
const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};
say('open');

async function writer(number: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const key = `${round}-${number}-${n}`;
    await backend.eventBus.publish(topic, { data: key, attributes: {} });
    say(`published ${key}`);
    await backend.taskQueue.enqueue(queue, { name: key, payload: key });
    say(`enqueued ${key}`);
    await backend.store.commit([
      createDocument(pairs, `left-${key}`, { key }),
      createDocument(pairs, `right-${key}`, { key }),
    ]);
    say(`committed ${key}`);
  }
}

await Promise.all(Array.from({ length: 20 }, (_, number) => writer(number)));
