import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { SERVICES } from '@paid-community/shared/topology.ts';
import type { CloudWorld } from './cloud-world.ts';

/** Each service this often: once at any moment, once while a request is at work in it. */
const KILLS_OF_EACH = 2;
/** In link calls and events: the next kill comes no later than this. */
const LONGEST_WAY = 8;
/** About as long as a request is at work. */
const LONGEST_REQUEST_MS = 5;
/** For a moment that does not come: the kill before may hold it up. */
const PATIENCE_MS = 1_500;

/**
 * Kills one service after the other and starts it again, in an order and at moments that `random` gives. Returns how
 * many kills it were.
 */
export async function killAtRandom(world: CloudWorld, random: () => number): Promise<number> {
  const progress = (): number => world.telegram.calls.of('createChatInviteLink') + world.webengage.calls;
  const turns = Array.from({ length: KILLS_OF_EACH }, (_, round) =>
    SERVICES.map((service) => ({ service, atWork: round === 0, order: random() })),
  ).flat();
  for (const { service, atWork } of turns.sort((a, b) => a.order - b.order)) {
    const moment = progress() + Math.floor(random() * LONGEST_WAY);
    await eventually(() => progress() >= moment, { timeoutMs: PATIENCE_MS }).catch(() => undefined);
    if (atWork) await world.relay.nextRequest(service, AbortSignal.timeout(PATIENCE_MS)).catch(() => undefined);
    await sleep(random() * LONGEST_REQUEST_MS);
    await world.kill(service);
    await world.start(service);
  }
  return turns.length;
}
