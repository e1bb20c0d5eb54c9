import { afterEach, describe, expect, test } from '@jest/globals';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { LinkPoolTick } from '@paid-community/shared/model/links/link-pool-tick.ts';
import { linkPoolTicks } from '@paid-community/shared/model/topics.ts';
import { staysTrue } from '@paid-community/shared/platform/testing/contracts/harness.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { BILLED_PER_INVITE, BILLED_PER_JOIN } from '../../deploy/gcp/billed.ts';
import { OperationCounter, type BilledOperations } from './harness/billed-operations.ts';
import { buy, purchaseBodies, statusOf } from './harness/buyer.ts';
import { callOperator, connectGoldAndSignals, mustSucceed, openWorldOfChats } from './harness/communities.ts';
import { CHAT_ID, WEBHOOK_SECRET } from './harness/credentials.ts';
import { send } from './harness/http.ts';
import { linkInMessage } from './harness/promise.ts';
import type { Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

// What a purchase and a join cost on Google Cloud. The four services run in this process on the embedded backend: what
// is counted are the calls of the ports, and those are the same on every backend. What the pace costs is counted in
// infra/bench/rate-simulation/store-cost.test.ts, on a clock of its own.

const PER_INVITE = BILLED_PER_INVITE;
const PER_JOIN = BILLED_PER_JOIN;

afterEach(closeWorlds);

/** A system that has served one purchase: a process looks up once where its chat is. */
async function startedWorld(): Promise<{ readonly world: World; readonly counter: OperationCounter }> {
  const counter = new OperationCounter();
  const world = await openWorld();
  await world.startInProcess((backend) => counter.around(backend));
  await eventually(() => world.telegram.calls.of('setWebhook') === 1);
  await buy(world.url, { userId: 'first', transactionId: 'first' });
  await expectBill(counter, {
    reads: PER_INVITE.reads + 1,
    writes: PER_INVITE.writes,
    deletes: 0,
    taskOperations: PER_INVITE.taskOperations,
  });
  counter.reset();
  return { world, counter };
}

/** Waits until nothing is billed any more, of a start say. */
async function quiet(counter: OperationCounter): Promise<void> {
  await eventually(async () => {
    const before = counter.counts;
    await staysTrue(() => true, 500);
    expect(counter.counts).toEqual(before);
  });
}

/** Exactly this, and nothing more for a while. */
async function expectBill(counter: OperationCounter, bill: BilledOperations): Promise<void> {
  await eventually(() => expect(counter.counts).toEqual(bill));
  await staysTrue(() => true, 300);
  expect(counter.counts).toEqual(bill);
}

async function purchaseAll(world: World, count: number): Promise<Purchase[]> {
  return Promise.all(purchaseBodies('billed', count).map((body) => buy(world.url, body)));
}

async function joinAll(
  world: World,
  purchases: readonly Purchase[],
): Promise<{ readonly inviteLink: string; readonly telegramUserId: number }[]> {
  return Promise.all(
    purchases.map(async (purchase) => {
      const inviteLink = await linkInMessage(world, purchase);
      const outcome = world.telegram.join({ inviteLink });
      if (!outcome.ok) throw new Error(`Nobody could join: ${outcome.reason}`);
      return { inviteLink, telegramUserId: outcome.telegramUserId };
    }),
  );
}

/** A message or task of this source comes once more. */
async function redeliver(counter: OperationCounter, source: string): Promise<void> {
  const delivery = counter.delivered.find((each) => each.source === source);
  if (delivery === undefined) throw new Error(`Nothing was delivered by ${source}`);
  await delivery.again();
}

/** What `act` adds to the bill. */
async function expectCost(
  counter: OperationCounter,
  cost: Partial<BilledOperations>,
  act: () => Promise<unknown>,
): Promise<void> {
  const before = counter.counts;
  await act();
  await expectBill(counter, {
    writes: before.writes + (cost.writes ?? 0),
    reads: before.reads + (cost.reads ?? 0),
    deletes: before.deletes,
    taskOperations: before.taskOperations + (cost.taskOperations ?? 0),
  });
}

/** Telegram sends a join again when it has not seen our answer. */
async function postJoin(
  world: World,
  joined: { readonly inviteLink: string; readonly telegramUserId: number },
  joinedAt: string,
): Promise<void> {
  const user = { id: joined.telegramUserId, is_bot: false, first_name: 'x' };
  const update = {
    update_id: 1,
    chat_member: {
      chat: { id: CHAT_ID, type: 'supergroup' },
      from: user,
      date: Date.parse(joinedAt) / 1_000,
      old_chat_member: { status: 'left', user },
      new_chat_member: { status: 'member', user },
      invite_link: { invite_link: joined.inviteLink },
    },
  };
  const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': WEBHOOK_SECRET };
  expect(await send(`${world.url}/v1/telegram/webhook`, { method: 'POST', headers, body: update })).toMatchObject({
    status: 200,
  });
}

function bill(invites: number, joins: number): BilledOperations {
  return {
    writes: invites * PER_INVITE.writes + joins * PER_JOIN.writes,
    reads: invites * PER_INVITE.reads + joins * PER_JOIN.reads,
    deletes: 0,
    taskOperations: invites * PER_INVITE.taskOperations,
  };
}

/** Ids and names of users are not all of one length. */
function expectBytes(bytes: number, stated: number): void {
  expect(bytes).toBeLessThanOrEqual(stated);
  expect(bytes).toBeGreaterThan(stated - 150);
}

describe('billed operations', () => {
  test('an invite costs 4 writes, 2 reads and 2 task operations; a join 2 writes and 2 reads', async () => {
    const { world, counter } = await startedWorld();
    const purchases = await purchaseAll(world, 20);
    await expectBill(counter, bill(20, 0));
    await joinAll(world, purchases);
    await expectBill(counter, bill(20, 20));
  });

  test('an invite leaves three documents until they expire and a join two, of no more bytes than the costs say', async () => {
    const { world, counter } = await startedWorld();
    const purchases = await purchaseAll(world, 20);
    await expectBill(counter, bill(20, 0));
    const invites = counter.kept;
    expect(invites.documents).toBe(20 * PER_INVITE.documents);
    expectBytes(invites.bytes / 20, PER_INVITE.storedBytes);
    // Beside the one from outside: pushes and tasks.
    expect(counter.delivered).toHaveLength(20 * (PER_INVITE.requests - 1));
    await joinAll(world, purchases);
    await expectBill(counter, bill(20, 20));
    expect(counter.kept.documents).toBe(20 * (PER_INVITE.documents + PER_JOIN.documents));
    expectBytes((counter.kept.bytes - invites.bytes) / 20, PER_JOIN.storedBytes);
    expect(counter.delivered).toHaveLength(20 * (PER_INVITE.requests - 1 + PER_JOIN.requests - 1));
    expect(counter.delivered.filter(({ source }) => source !== 'tg-invite-queue')).toHaveLength(
      20 * (PER_INVITE.messages + PER_JOIN.messages),
    );
  });

  // A repeat comes on top, and is never free: the second dispatch of a task is an operation by itself. The reads and
  // conditions that recognise a repeat prevent a second link or event, so the straight way needs all of them.
  test('with 1 % of everything twice, each of the five repeats costs only the look that knows it for one', async () => {
    const { world, counter } = await startedWorld();
    const purchases = await purchaseAll(world, 100);
    await expectBill(counter, bill(100, 0));
    const [joined] = await joinAll(world, purchases);
    await expectBill(counter, bill(100, 100));
    const [purchase] = purchases;
    if (purchase === undefined || joined === undefined) throw new Error('There are a hundred');
    const joinedAt = (await statusOf(world.url, purchase.requestId))?.joinedAt ?? '';

    // The same purchase once more: creating its request fails, and a look shows that it needs no task.
    await expectCost(counter, { writes: 1, reads: 1 }, () =>
      buy(world.url, { userId: purchase.userId, transactionId: purchase.transactionId }),
    );
    // Its task: the request is done, so the event is published again, and the ledger knows it.
    await expectCost(counter, { taskOperations: 1, reads: 2 }, () => redeliver(counter, 'tg-invite-queue'));
    await expectCost(counter, { reads: 1 }, () => redeliver(counter, 'event-emitter-link-created-events'));
    // The join: found by its link, known already, and published again for the ledger to drop.
    await expectCost(counter, { writes: 1, reads: 3 }, () => postJoin(world, joined, joinedAt));
    await expectCost(counter, { reads: 1 }, () => redeliver(counter, 'event-emitter-member-joined-events'));
    expect(world.telegram.links.size).toBe(101);
    expect(world.webengage.eventCount).toBe(201);
  });

  test('a purchase and a join of another community cost what they cost in default; the communities are read by time', async () => {
    const counter = new OperationCounter();
    const world = await openWorldOfChats();
    await world.startInProcess((backend) => counter.around(backend));
    await connectGoldAndSignals(world);
    // The first purchase of a process looks up once where the chat is.
    await buy(world.url, { userId: 'first', communityId: 'gold' });
    await quiet(counter);
    counter.reset();
    const startedAtMs = performance.now();
    // One after the other: of many at once, some are told that their turn comes later, as in default.
    const purchases: Purchase[] = [];
    for (const body of purchaseBodies('billed', 10)) {
      purchases.push(await buy(world.url, { ...body, communityId: 'gold' }));
      await eventually(() => expect(counter.counts).toEqual(bill(purchases.length, 0)));
    }
    await joinAll(world, purchases);
    await expectBill(counter, bill(10, 10));
    const seconds = (performance.now() - startedAtMs) / 1_000;
    // Each of the four services asks once in ten seconds, while somebody asks it.
    expect(counter.queriesByTime(communities)).toBeLessThanOrEqual(4 * (1 + seconds / 10));
  });

  test('a purchase that takes a link of the pool costs 4 writes and 2 reads, and no task; a connect 4 writes and 2 task operations', async () => {
    const counter = new OperationCounter();
    const world = await openWorldOfChats();
    const backend = await world.startInProcess((inner) => counter.around(inner));
    await quiet(counter);
    counter.reset();
    await connectGoldAndSignals(world);
    await quiet(counter);
    // Two communities, and the report of the look that follows each. How often the answer of Telegram is looked for
    // depends on when it comes.
    expect(counter.counts).toMatchObject({ writes: 2 * 4, taskOperations: 2 * 2 });
    await mustSucceed(callOperator(world, 'POST', '/communities/gold', { poolSize: 60 }));
    // Every process knows it after ten seconds at most.
    await eventually(
      async () => {
        await backend.eventBus.publish(linkPoolTicks, LinkPoolTick.message);
        expect(world.telegram.links.size).toBe(60);
      },
      { intervalMs: 1_000 },
    );
    await quiet(counter);
    counter.reset();
    const purchases = await Promise.all(
      purchaseBodies('taken', 20).map((body) => buy(world.url, { ...body, communityId: 'gold' })),
    );
    await Promise.all(purchases.map((purchase) => linkInMessage(world, purchase)));
    await quiet(counter);
    expect(counter.counts).toMatchObject({ writes: 20 * 4, taskOperations: 0 });
    // A look into the ledger each, and the link. Links are read ahead, a batch at a time: all 60 at most.
    expect(counter.counts.reads).toBeGreaterThanOrEqual(2 * 20);
    expect(counter.counts.reads).toBeLessThanOrEqual(20 + 60);
    expect(world.telegram.links.size).toBe(60);
  });
});
