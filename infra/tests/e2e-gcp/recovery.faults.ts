import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withEmulators } from '../emulators/with-emulators.ts';
import {
  pausedQueue,
  replayFromASnapshot,
  replayOfADayThatIsDone,
  replayWithBadArguments,
} from '../e2e/harness/replay-scenarios.ts';
import { rebuildAfterALoss, rebuildNeedsAPause } from '../e2e/harness/rebuild-scenario.ts';
import { eraseSomebody } from '../e2e/harness/erase-scenario.ts';
import { ops } from '../e2e/harness/ops.ts';
import { sharedEmulators } from '../emulators/shared-emulators.ts';
import type { Emulators } from '../../run/emulators/start-emulators.ts';
import { CloudWorld } from './harness/cloud-world.ts';

const START_TIMEOUT_MS = 180_000;
const FLOW_TIMEOUT_MS = 180_000;

let emulators: Emulators;
let world: CloudWorld;

withEmulators(['cloud-firestore-emulator', 'pubsub-emulator'], () => {
  beforeAll(async () => {
    emulators = await sharedEmulators();
    world = await CloudWorld.open({ emulators });
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await world.close();
    await emulators.stop();
  });

  // One system for all of these, one after the other.
  describe('recovery on the emulators', () => {
    test(
      'a day that is done is replayed without one call to Telegram or WebEngage',
      () => replayOfADayThatIsDone(world),
      FLOW_TIMEOUT_MS,
    );
    test('a snapshot is made, listed, replayed and deleted', () => replayFromASnapshot(world), FLOW_TIMEOUT_MS);
    test(
      'a replay with wrong arguments says what would be right',
      () => replayWithBadArguments(world),
      FLOW_TIMEOUT_MS,
    );
    test('a paused queue makes no links, and loses nothing', () => pausedQueue(world), FLOW_TIMEOUT_MS);
    test(
      'erased data does not come back by a replay or a rebuild',
      () => eraseSomebody(world, 'kept for a while'),
      FLOW_TIMEOUT_MS,
    );
    test(
      'a rebuild with wrong arguments, or a running queue, says what would be right',
      () => rebuildNeedsAPause(world),
      FLOW_TIMEOUT_MS,
    );
    test('backups are Firestore’s own, and the command says how', async () => {
      expect(await ops(world, ['backup', 'create'])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('gcloud firestore backups schedules create') as unknown,
      });
    });
  });

  test(
    'a store that is empty again is rebuilt from the events: no second link, no second message',
    async () => {
      const other = await CloudWorld.open({ emulators });
      try {
        await rebuildAfterALoss(other, { purchases: [], joins: [] }, async () => {
          const answer = await fetch(
            `http://${emulators.firestoreHost}/emulator/v1/projects/${other.project}/databases/(default)/documents`,
            { method: 'DELETE' },
          );
          expect(answer.status).toBe(200);
          return { keptPurchases: 0 };
        });
      } finally {
        await other.close();
      }
    },
    FLOW_TIMEOUT_MS,
  );
});
