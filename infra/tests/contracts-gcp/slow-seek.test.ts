import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createPubSubTopology } from '@paid-community/shared/platform/backends/gcp/create-pubsub-topology.ts';
import { PubSubAdministration } from '@paid-community/shared/platform/backends/gcp/pubsub-administration.ts';
import { PubSubEventBus } from '@paid-community/shared/platform/backends/gcp/pubsub-event-bus.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import type { RetainedMessage } from '@paid-community/shared/platform/ports/bus-administration.ts';
import { purchaseEvents } from '@paid-community/shared/model/topics.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { sharedEmulator } from '../emulators/shared-emulators.ts';

withEmulators(['pubsub-emulator'], () => {
  const pubSub = sharedEmulator('pubsub');

  test('slow: an archive that says nothing at first, while a seek settles, is not taken for empty', async () => {
    const place = { projectId: 'slow-seek', emulatorHost: pubSub() };
    await createPubSubTopology(place, topology, () => undefined);
    // The emulator seeks at once; what comes late stands for what a real seek shows late.
    const administration = new PubSubAdministration(
      { ...place, patience: { quietMs: 300, seekSettlesMs: 4_000 } },
      topology,
      systemClock,
    );
    const bus = new PubSubEventBus(place);
    const from = new Date(systemClock.now() - 60_000);
    const until = new Date(systemClock.now() + 60_000);
    const read: RetainedMessage[] = [];
    const reading = (async () => {
      for (let cursor: string | undefined, pages = 0; pages === 0 || cursor !== undefined; pages += 1) {
        const page = await administration.readRetained({
          topic: purchaseEvents,
          from,
          until,
          limit: 100,
          cursor,
        });
        read.push(...page.messages);
        cursor = page.nextCursor;
      }
    })();
    await sleep(1_500);
    await bus.publish(purchaseEvents, { data: 'late', attributes: {} });
    await reading;
    expect(read.map(({ data }) => data)).toEqual(['late']);
    await Promise.all([bus.close(), administration.close()]);
  });
});
