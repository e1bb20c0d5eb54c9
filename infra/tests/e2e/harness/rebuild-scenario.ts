import { expect } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, statusOf } from './buyer.ts';
import { ops } from './ops.ts';
import { expectPromiseKept, join, type ExpectedJoin } from './promise.ts';
import { acknowledged, aDayOfSales, done, outsideCalls, type RecoverableWorld } from './recovery.ts';
import type { Purchase, RequestStatus } from './wire.ts';

interface Rebuilt {
  readonly restored: Readonly<Record<'requests' | 'links' | 'joins' | 'ledger' | 'complete' | 'erased', number>>;
  readonly waiting: readonly string[];
  readonly conflicting: readonly string[];
  readonly withoutLink: readonly string[];
}

/**
 * The documents come back as of a day ago, messages and tasks are all there. `loseDocuments` does that to a system,
 * with its queue paused, and says how many of the purchases before are still known.
 */
export async function rebuildAfterALoss(
  world: RecoverableWorld,
  before: { readonly purchases: readonly Purchase[]; readonly joins: readonly ExpectedJoin[] },
  loseDocuments: () => Promise<{ readonly keptPurchases: number }>,
): Promise<void> {
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const day = await aDayOfSales(world, 'rebuilt', 5, 2);
  const all = { purchases: [...before.purchases, ...day.purchases], joins: [...before.joins, ...day.joins] };
  await expectPromiseKept(world, all);
  const statuses = await Promise.all(all.purchases.map(({ requestId }) => statusOf(world.url, requestId)));

  // One whose link is made and told to nobody, and one that is only bought.
  world.webengage.faults.behaviour = () => ({ kind: 'answer', status: 503, body: 'down' });
  const untold = await buy(world.url, { userId: 'untold', transactionId: 'txn-untold' });
  await eventually(async () => expect((await statusOf(world.url, untold.requestId))?.status).toBe('DONE'));
  await done(world, 'queue', 'pause');
  const waiting = await buy(world.url, { userId: 'waiting', transactionId: 'txn-waiting' });
  await eventually(async () => expect((await statusOf(world.url, waiting.requestId))?.status).toBe('QUEUED'));

  const { keptPurchases } = await loseDocuments();
  // Somebody comes in through a link that the store does not know any more: Telegram tells it once.
  const early = day.purchases.at(-1);
  if (early === undefined) throw new Error('Nothing was sold');
  const earlyJoin = await join(world, early);
  await eventually(() => expect(world.telegram.updates.pendingCount).toBe(0));
  const calls = { ...outsideCalls(world), events: 0 };
  const lost = all.purchases.length - keptPurchases;
  expect(await statusOf(world.url, untold.requestId)).toBeUndefined();

  const expected = { requests: lost + 1, links: lost + 1 };
  const dry = await done<Rebuilt>(world, 'rebuild', '--since', since, '--dry-run');
  expect(dry).toMatchObject({
    restored: expected,
    waiting: [`${untold.requestId}.link-created`],
    conflicting: [],
    withoutLink: [waiting.requestId],
  });
  expect(await statusOf(world.url, untold.requestId)).toBeUndefined();

  const rebuilt = await done<Rebuilt>(world, 'rebuild', '--since', since);
  expect(rebuilt).toMatchObject({
    restored: expected,
    waiting: [`${untold.requestId}.link-created`],
    conflicting: [],
    withoutLink: [waiting.requestId],
  });
  expect(rebuilt.restored.joins + rebuilt.restored.ledger).toBeGreaterThan(0);
  const again = await done<Rebuilt>(world, 'rebuild', '--since', since);
  expect(again.restored).toMatchObject({ requests: 0, links: 0, joins: 0, ledger: 0 });

  // As it was, but for the time at which an entry of the ledger was written, and for who has joined since.
  const restored = await Promise.all(all.purchases.map(({ requestId }) => statusOf(world.url, requestId)));
  const joinedAt = restored.find((status) => status?.requestId === early.requestId)?.joinedAt;
  expect(joinedAt).toBeDefined();
  const asNow = (status: RequestStatus | undefined): object => ({
    ...withoutLedgerTimes(status),
    ...(status?.requestId === early.requestId ? { joinedAt } : {}),
  });
  expect(restored.map(withoutLedgerTimes)).toEqual(statuses.map(asNow));
  expect({ ...outsideCalls(world), events: 0 }).toEqual(calls);

  world.webengage.faults.clear();
  const seen = acknowledged(world, 'link-worker-purchase-events');
  await done(world, 'replay', '--subscription', 'link-worker-purchase-events', '--since', since);
  await eventually(() =>
    expect(acknowledged(world, 'link-worker-purchase-events')).toBeGreaterThanOrEqual(seen + all.purchases.length + 2),
  );
  expect({ ...outsideCalls(world), events: 0 }).toEqual(calls);
  await done(world, 'queue', 'resume');
  await expectPromiseKept(world, {
    purchases: [...all.purchases, untold, waiting],
    joins: [...all.joins, earlyJoin],
  });
  expect(outsideCalls(world).links).toBe(calls.links + 1);
}

export async function rebuildNeedsAPause(world: RecoverableWorld): Promise<void> {
  expect(await ops(world, ['rebuild', '--since', '1h'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('`ops queue pause` first') as unknown,
  });
  expect(await ops(world, ['rebuild'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('rebuild needs --since') as unknown,
  });
  expect(await ops(world, ['rebuild', '--since', '30d'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('for 7 days') as unknown,
  });
}

function withoutLedgerTimes(status: RequestStatus | undefined): object {
  return { ...status, linkEventSentAt: undefined, joinEventSentAt: undefined };
}
