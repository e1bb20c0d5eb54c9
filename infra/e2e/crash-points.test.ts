import { afterEach, describe, expect, test } from '@jest/globals';
import { buyUntilAccepted } from './harness/buyer.ts';
import type { CrashPoint } from './harness/crash-point.ts';
import { expectPromiseKept, join, type Outcome } from './harness/promise.ts';
import { closeWorlds, openWorld } from './harness/world.ts';

afterEach(closeWorlds);

/**
 * One purchase and one join through a system that kills itself at the given moment, and is started again.
 * The client of intake and Telegram's webhook do what the real ones do: they try again.
 */
async function surviveCrash(point: CrashPoint): Promise<Outcome> {
  const world = await openWorld();
  const fragile = await world.start({ crashAt: point });
  const restarted = fragile.exited.then(async (exit) => {
    expect(exit).toEqual({ code: null, signal: 'SIGKILL' });
    await world.start();
  });
  const purchase = await buyUntilAccepted(world.url, { userId: 'buyer', transactionId: 'txn' });
  const joined = await join(world, purchase);
  await restarted;
  return expectPromiseKept(world, { purchases: [purchase], joins: [joined] });
}

const clean: Outcome = { orphans: 0, repeats: 0 };

describe('a process that dies on the way to the link', () => {
  test.each<[CrashPoint['moment'], string, Outcome]>([
    ['before', 'publish purchase-events', clean],
    ['after', 'publish purchase-events', clean],
    ['before', 'create invite_requests', clean],
    ['after', 'create invite_requests', clean],
    ['before', 'enqueue tg-invite-queue', clean],
    ['after', 'enqueue tg-invite-queue', clean],
    ['before', 'acknowledge link-worker-purchase-events', clean],
    // Telegram has answered and nothing is recorded: the one moment that costs a link.
    ['before', 'update invite_requests', { orphans: 1, repeats: 0 }],
    ['after', 'update invite_requests', clean],
    ['before', 'publish link-created-events', clean],
    ['after', 'publish link-created-events', clean],
    ['before', 'acknowledge tg-invite-queue', clean],
    // WebEngage has the event and the ledger does not: WebEngage drops the repeat.
    ['before', 'create emissions', { orphans: 0, repeats: 1 }],
    ['after', 'create emissions', clean],
    ['before', 'acknowledge event-emitter-link-created-events', clean],
  ])('%s "%s" still keeps the promise', async (moment, operation, outcome) => {
    expect(await surviveCrash({ moment, operation })).toEqual(outcome);
  });
});

describe('a process that dies on the way from the join', () => {
  test.each<[CrashPoint['moment'], string, number, Outcome]>([
    ['before', 'create joins', 1, clean],
    ['after', 'create joins', 1, clean],
    ['before', 'publish member-joined-events', 1, clean],
    // Telegram got no 200 and sends the update again: the second publish is the same event.
    ['after', 'publish member-joined-events', 1, clean],
    ['before', 'create emissions', 2, { orphans: 0, repeats: 1 }],
    ['after', 'create emissions', 2, clean],
    ['before', 'acknowledge event-emitter-member-joined-events', 1, clean],
  ])('%s "%s" (call %i) still keeps the promise', async (moment, operation, call, outcome) => {
    expect(await surviveCrash({ moment, operation, call })).toEqual(outcome);
  });
});
