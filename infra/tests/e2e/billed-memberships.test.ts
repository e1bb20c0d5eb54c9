import { afterEach, expect, test } from '@jest/globals';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { MembershipTick } from '@paid-community/shared/model/memberships/membership-tick.ts';
import { membershipTicks } from '@paid-community/shared/model/topics.ts';
import { staysTrue } from '@paid-community/shared/platform/testing/contracts/harness.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import {
  BILLED_PER_APPROVED_JOIN,
  BILLED_PER_END,
  BILLED_PER_MEMBER,
  BILLED_PER_REMINDER,
  BILLED_PER_RENEWAL,
  BILLED_PER_TICK,
  type BilledOfMembership,
} from '../../deploy/gcp/billed.ts';
import { OperationCounter } from './harness/billed-operations.ts';
import { DAY_MS, startMembers, type MembersWorld } from './harness/members-world.ts';
import { linkInMessage } from './harness/promise.ts';
import { closeWorlds } from './harness/world.ts';

// What a membership costs on Google Cloud, counted as in billed-operations.test.ts. The test ticks itself.

const ASHA = 800_000_001;
const BEN = 800_000_002;

const NOTHING: BilledOfMembership = {
  writes: 0,
  reads: 0,
  taskOperations: 0,
  documents: 0,
  messages: 0,
  requests: 0,
};

afterEach(closeWorlds);

interface Counted {
  readonly members: MembersWorld;
  readonly counter: OperationCounter;
}

/** A process that has ticked, and has served somebody: it looks up once where its chat is. */
async function startCounted(rules: object = {}): Promise<Counted> {
  const counter = new OperationCounter();
  const members = await startMembers(rules, (backend) => counter.around(backend), 0);
  const counted = { members, counter };
  await members.buy('first');
  await linkOf('first', members);
  await tick(counted);
  return counted;
}

/** Asks the system nothing that is billed. */
function linkOf(userId: string, { world }: MembersWorld, transactionId = 'order-1'): Promise<string> {
  return linkInMessage(world, { requestId: '', userId, transactionId });
}

async function tick({ members, counter }: Counted): Promise<void> {
  await members.backend.eventBus.publish(membershipTicks, MembershipTick.message);
  await quiet(counter);
}

/** Waits until nothing is billed any more. */
async function quiet(counter: OperationCounter): Promise<void> {
  await eventually(async () => {
    const before = counter.counts;
    await staysTrue(() => true, 500);
    expect(counter.counts).toEqual(before);
  });
}

/** What `act` costs; `outside` is how many requests come from outside. */
async function billOf(
  act: () => unknown,
  outside: number,
  { counter }: Pick<Counted, 'counter'>,
): Promise<BilledOfMembership> {
  await quiet(counter);
  counter.reset();
  await act();
  await quiet(counter);
  const { writes, reads, deletes, taskOperations } = counter.counts;
  expect(deletes).toBe(0);
  return {
    writes,
    reads,
    taskOperations,
    documents: counter.kept.documents,
    messages: counter.messages,
    requests: counter.delivered.length + outside,
  };
}

/** In ticks, each of which finds it by one of its own reads. The test publishes ticks past the counter. */
function inTicks(ticks: number, billed: BilledOfMembership): BilledOfMembership {
  return {
    ...billed,
    reads: billed.reads + ticks * (BILLED_PER_TICK.reads - 1),
    requests: billed.requests + ticks * BILLED_PER_TICK.requests,
  };
}

async function joinedMember({ members, counter }: Counted, userId = 'asha', account = ASHA): Promise<void> {
  await members.member(userId, account);
  await quiet(counter);
}

/** The time ends, the grace, and then the access. */
async function end(counted: Counted): Promise<void> {
  const { members } = counted;
  members.pass(DAY_MS);
  await tick(counted);
  members.pass(2 * DAY_MS);
  await tick(counted);
  expect(members.gold.isIn(ASHA)).toBe(false);
}

test('the first purchase of a plan and its join cost 13 writes, 18 reads, 4 task operations and 4 messages', async () => {
  const counted = await startCounted();
  const { members } = counted;
  const bill = await billOf(
    async () => {
      await members.buy('asha');
      members.open(await linkOf('asha', members), ASHA);
      await eventually(() => members.told('asha').includes('telegram_joined'));
    },
    2,
    counted,
  );
  expect(bill).toEqual(BILLED_PER_MEMBER);
});

test('where links expire, a purchase costs a write, a read and a delivery more; a link that expires unused, a reminder', async () => {
  const counted = await startCounted({ linkTtl: 'P1D' });
  const { members } = counted;
  const bill = await billOf(
    async () => {
      await members.buy('asha');
      members.open(await linkOf('asha', members), ASHA);
      await eventually(() => members.told('asha').includes('telegram_joined'));
    },
    2,
    counted,
  );
  const { writes, reads, requests } = BILLED_PER_MEMBER;
  const more = { writes: writes + 1, reads: reads + 1, requests: requests + 1 };
  expect(bill).toEqual({ ...BILLED_PER_MEMBER, ...more });

  members.pass(DAY_MS);
  await tick(counted);
  await members.buy('ben');
  await linkOf('ben', members);
  await quiet(counted.counter);
  members.pass(DAY_MS);
  expect(await billOf(() => tick(counted), 0, counted)).toEqual(inTicks(1, BILLED_PER_REMINDER));
  expect(members.told('ben')).toContain('link_expired_unused');
});

test('a renewal by somebody inside costs 5 writes, 9 reads and 2 messages, and no task', async () => {
  const counted = await startCounted();
  await joinedMember(counted);
  const bill = await billOf(() => counted.members.buy('asha', { transactionId: 'order-2' }), 1, counted);
  expect(bill).toEqual(BILLED_PER_RENEWAL);
});

test('a tick with nothing due costs 17 reads', async () => {
  const counted = await startCounted();
  await joinedMember(counted);
  expect(await billOf(() => tick(counted), 0, counted)).toEqual({ ...NOTHING, reads: 17, requests: 1 });
});

test('a reminder costs 3 writes, 5 reads and a message; an end 10 writes and 25 reads, and more for each purchase', async () => {
  const counted = await startCounted();
  const { members, counter } = counted;
  // The first removal of a community makes its guard.
  await joinedMember(counted, 'ben', BEN);
  members.pass(32 * DAY_MS);
  await tick(counted);
  await members.passUntil(() => !members.gold.isIn(BEN));
  await joinedMember(counted);

  members.pass(27 * DAY_MS);
  expect(await billOf(() => tick(counted), 0, counted)).toEqual(inTicks(1, BILLED_PER_REMINDER));
  members.pass(2 * DAY_MS);
  expect(await billOf(() => tick(counted), 0, counted)).toEqual(inTicks(1, BILLED_PER_REMINDER));

  const bill = await billOf(() => end(counted), 1, counted);
  expect(members.told('asha').slice(-3)).toEqual(['membership_grace_started', 'membership_expired', 'member_removed']);
  // The counter keeps reads of communities apart.
  expect(counter.queriesByTime(communities)).toBeGreaterThan(0);
  const expected = inTicks(2, BILLED_PER_END);
  expect(bill).toEqual({ ...expected, reads: expected.reads - 1 });

  // Paid twice until the next end.
  await members.buy('asha', { transactionId: 'order-2' });
  members.open(await linkOf('asha', members, 'order-2'), ASHA);
  await eventually(() => members.told('asha').includes('member_rejoined'));
  await members.buy('asha', { transactionId: 'order-3' });
  await quiet(counter);
  members.pass(59 * DAY_MS);
  await tick(counted);
  const further = await billOf(() => end(counted), 1, counted);
  expect(further).toEqual({
    ...bill,
    reads: bill.reads + 1,
    taskOperations: bill.taskOperations + 2,
    requests: bill.requests + 1,
  });
});

test('a join that is approved costs 5 writes, 12 reads, 2 task operations and 2 messages', async () => {
  const counted = await startCounted({ entry: 'request' });
  const { members } = counted;
  await members.buy('asha');
  const link = await linkOf('asha', members);
  const bill = await billOf(() => members.open(link, ASHA), 2, counted);
  expect(members.gold.isIn(ASHA)).toBe(true);
  expect(bill).toEqual(BILLED_PER_APPROVED_JOIN);
});
