import { expect, test } from '@jest/globals';
import { eventually } from '../../testing/eventually.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { openDatabase } from './database.ts';
import { EmbeddedBackend } from './open-embedded-backend.ts';
import { crashTopology, subscription, topic } from './testing/crash-topology.ts';
import { silentLog, temporaryFolder } from './testing/embedded-for-test.ts';

test.each([
  ['are not held back while many requests are answered', true, 50],
  ['that are not urgent are', false, 1],
])('urgent deliveries: those %s', async (_name, isUrgent, expected) => {
  using folder = temporaryFolder();
  const backend = new EmbeddedBackend(openDatabase(folder.path), {
    topology: crashTopology,
    clock: new ManualClock(),
    log: silentLog,
  });
  let handled = 0;
  const handle = (): Promise<void> => {
    handled += 1;
    return Promise.resolve();
  };
  const consumers = { subscriptions: [{ subscription, handle, isUrgent: () => isUrgent }], tasks: [] };
  backend.deliverTo(consumers, () => true);
  await Promise.all(Array.from({ length: 50 }, () => backend.eventBus.publish(topic, { data: 'x', attributes: {} })));
  await eventually(() => handled >= expected);
  expect(handled).toBe(expected);
  await backend.close();
});
