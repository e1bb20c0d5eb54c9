import { afterEach, describe, test } from '@jest/globals';
import { pausedQueue, replayFromASnapshot, replayOfADayThatIsDone, replayWithBadArguments } from './harness/replay-scenarios.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

const FLOW_TIMEOUT_MS = 120_000;

afterEach(closeWorlds);

async function startedWorld(): Promise<World> {
  const world = await openWorld();
  await world.start();
  return world;
}

describe('recovery, embedded', () => {
  test('a day that is done is replayed without one call to Telegram or WebEngage', async () => replayOfADayThatIsDone(await startedWorld()), FLOW_TIMEOUT_MS);
  test('a snapshot is made, listed, replayed and deleted', async () => replayFromASnapshot(await startedWorld()), FLOW_TIMEOUT_MS);
  test('a replay with wrong arguments says what would be right', async () => replayWithBadArguments(await startedWorld()), FLOW_TIMEOUT_MS);
  test('a paused queue makes no links, and loses nothing', async () => pausedQueue(await startedWorld()), FLOW_TIMEOUT_MS);
});
