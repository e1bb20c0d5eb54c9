import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import { LinkNeeded } from '@paid-community/shared/model/links/link-needed.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { CreateInviteLink } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import {
  someEndedMembership,
  someMembership,
} from '@paid-community/shared/model/memberships/testing/some-membership.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { OutgoingTask } from '@paid-community/shared/platform/ports/task-queue.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus, RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { TelegramApiError } from '@paid-community/shared/telegram/errors.ts';
import { Throttle } from '../bots/throttle.ts';
import { PoolDemand } from '../pool/pool-demand.ts';
import { poolProcess } from '../pool/testing/stored-pool.ts';
import { StoredRequests } from '../testing/stored-requests.ts';
import { createInviteLink, type CreateInviteLinkDeps } from './create-invite-link.ts';
import { giveLinkOnLinkNeeded } from './give-link-on-link-needed.ts';
import { followUp } from './link-outcome.ts';
import { requestLinkOnPurchaseReceived } from './request-link-on-purchase-received.ts';
import { revokeInviteLink } from './revoke-invite-link.ts';

const REQUEST_ID = '01234567-89ab-8def-8123-456789abcdef';
const { membershipId } = someMembership();
const OUT = { presence: 'outside', departure: 'left' } as const;

let backend: Backend;
let close: () => Promise<void>;
let clock: ManualClock;
let eventBus: RecordingEventBus;
let taskQueue: RecordingTaskQueue;
/** What Telegram was asked for, and the failures of its next answers. */
let asked: string[];
let failures: Error[];
let isByApproval: boolean;

beforeEach(() => {
  clock = new ManualClock();
  ({ backend, close } = openTemporaryBackend(clock));
  eventBus = new RecordingEventBus();
  taskQueue = new RecordingTaskQueue();
  [asked, failures, isByApproval] = [[], [], false];
});
afterEach(() => close());

function deps(): CreateInviteLinkDeps {
  const bounds = { adaptive: false, startPerSecond: Infinity, floorPerSecond: 0.02, ceilingPerSecond: 30 };
  const throttle = new Throttle({ instanceId: 'i', bounds, atOnce: 1 }, { store: backend.store, clock });
  const answer = <T>(call: string, result: T): Promise<T> => {
    asked.push(call);
    const failure = failures.shift();
    return failure === undefined ? Promise.resolve(result) : Promise.reject(failure);
  };
  const calls = (botId = '7') => ({
    botId,
    telegram: {
      createInviteLink: ({
        memberLimit,
        asksForApproval,
      }: {
        memberLimit: number | undefined;
        asksForApproval?: boolean | undefined;
      }) => {
        const kind = asksForApproval === true ? 'by approval' : 'for';
        const inviteLink = `https://t.me/+link${asked.length}`;
        return answer(`make ${kind} ${memberLimit ?? 'any'}`, { inviteLink, chatId: '-1001' });
      },
      revokeInviteLink: ({ inviteLink }: { inviteLink: string }) => answer(`revoke ${inviteLink}`, undefined),
    },
    turns: throttle.turns('7', 'link', { communityId: 'gold', callClass: 'purchase' }),
  });
  return {
    store: backend.store,
    callsOf: () => Promise.resolve(calls()),
    callsOfMaker: (_link, { botId }) => Promise.resolve(calls(botId)),
    clock,
    log: silentLog,
    limits: { maxAttempts: 4, baseBackoffMs: 5_000 },
    communities: { get: () => Promise.resolve(someCommunity({ entry: isByApproval ? 'request' : 'link' })) },
    linkTtlMsOf: () => undefined,
  };
}

const iso = (offsetMs = 0): string => new Date(clock.now() + offsetMs).toISOString();
const request = async (): Promise<InviteRequestDocument | undefined> =>
  (await new StoredRequests(backend.store).get(REQUEST_ID))?.data;

async function is(membership: Membership): Promise<void> {
  await changeDocument(backend.store, memberships, membershipId, () => membership);
}

async function buy(postedAt = iso()): Promise<void> {
  const bought = { requestId: REQUEST_ID, userId: 'ada', transactionId: '', communityId: 'gold' };
  const data = { ...bought, makesMembership: true } as const;
  const event = PurchaseReceived.create({ time: postedAt, traceparent: 't', data });
  await requestLinkOnPurchaseReceived(event, {
    ...poolProcess({ store: backend.store, clock }),
    demand: new PoolDemand(5, { store: backend.store, clock, log: silentLog }),
    eventBus,
    taskQueue,
    measure: () => undefined,
    retentionDays: 400,
    communities: { get: () => Promise.resolve(undefined) },
    placeInLine: () => Promise.resolve(undefined),
  });
}

/** Executes the tasks of the links that are queued, and those that follow. */
async function work(): Promise<void> {
  for (const { payload } of taskQueue.tasks.splice(0)) {
    await followUp(await createInviteLink(CreateInviteLink.parse(payload), deps()), { eventBus, taskQueue });
    await work();
  }
}

async function need(askedAt = iso()): Promise<void> {
  const data = { requestId: REQUEST_ID, communityId: 'gold', number: 3 };
  const event = LinkNeeded.create({ time: askedAt, traceparent: 't', data });
  await giveLinkOnLinkNeeded(event, { ...deps(), taskQueue });
}

async function revoke(since = iso(), because = 'expired', attemptNumber = 1): Promise<OutgoingTask | undefined> {
  const task = { requestId: REQUEST_ID, because, since, attemptNumber, deferrals: 0, traceparent: 't' };
  return revokeInviteLink(task, deps());
}

/** Came in by the link, a minute after it was made, and is out again a minute later. */
async function comesAndGoes(more: Partial<Parameters<typeof someMembership>[0]> = {}): Promise<void> {
  const enteredBy = { requestId: REQUEST_ID, at: iso(60_000) };
  clock.advance(120_000);
  await is(someMembership({ ...OUT, presenceAt: iso(), enteredBy, ...more }));
  clock.advance(120_000);
}

describe('a renewal', () => {
  test('by somebody who is inside needs no link', async () => {
    await is(someMembership());
    await buy();
    await buy();
    await work();
    expect(await request()).toMatchObject({ status: 'NOT_NEEDED', notNeededBecause: 'inside', membershipId });
    expect(asked).toEqual([]);
  });

  test('by somebody whose time is over and who is not removed yet needs none; removed in that moment, the person gets one', async () => {
    await is(someEndedMembership());
    await buy();
    expect(await request()).toMatchObject({ status: 'NOT_NEEDED' });
    clock.advance(5_000);
    await is(someMembership({ presence: 'outside', departure: 'removed', presenceAt: iso() }));
    await need();
    await need();
    await work();
    expect(await request()).toMatchObject({ status: 'DONE', generation: 2 });
    await need();
    expect(asked).toEqual(['make for 1']);
  });

  test('by somebody who is out gets a link', async () => {
    await is(someMembership(OUT));
    await buy();
    await work();
    expect(asked).toEqual(['make for 1']);
  });
});

describe('the same purchase, posted again', () => {
  beforeEach(async () => {
    await buy();
    await work();
  });

  test('while its link was not used gets no other one', async () => {
    await is(someMembership({ state: 'pending', presence: 'unknown', presenceAt: undefined }));
    clock.advance(60_000);
    await buy();
    await work();
    expect(asked).toHaveLength(1);
  });

  test('when the person has left gets another link each time, and a redelivery gets none', async () => {
    const first = iso();
    for (const round of [1, 2]) {
      await comesAndGoes();
      await buy(first);
      const postedAt = iso();
      await buy(postedAt);
      await work();
      await buy(postedAt);
      await work();
      expect(await request()).toMatchObject({ status: 'DONE', generation: round + 1 });
    }
    expect(asked).toEqual([
      'make for 1',
      'revoke https://t.me/+link0',
      'make for 1',
      'revoke https://t.me/+link2',
      'make for 1',
    ]);
  });

  test.each<[string, Membership]>([
    ['is inside', someMembership()],
    ['was thrown out by an administrator', someMembership({ ...OUT, departure: 'kicked' })],
    ['has not paid any more', someEndedMembership(OUT)],
  ])('gets none when the person %s', async (_, membership) => {
    await comesAndGoes();
    await is({ ...membership, enteredBy: { requestId: REQUEST_ID, at: iso() } });
    await buy();
    await need();
    await work();
    expect(asked).toHaveLength(1);
  });

  test('gets one in the place of a link that was revoked, which is not revoked again', async () => {
    await is(someMembership({ ...OUT, presenceAt: iso() }));
    await revoke();
    clock.advance(120_000);
    await buy();
    await work();
    expect(asked).toEqual(['make for 1', 'revoke https://t.me/+link0', 'make for 1']);
    expect(await request()).toMatchObject({ earlierLinks: [{ inviteLink: 'https://t.me/+link0' }] });
    expect(await request()).not.toHaveProperty('linkRevokedAt');
  });
});

test('where people come in by approval, a link asks for it and has no limit, and lets the same person in again', async () => {
  isByApproval = true;
  await buy();
  await work();
  await comesAndGoes();
  await buy();
  await work();
  expect(asked).toEqual(['make by approval any']);
});

describe('when nobody is to come in by a purchase any more', () => {
  test('its link is revoked by the bot that made it, once, and a look-up says so', async () => {
    await buy();
    await work();
    clock.advance(60_000);
    expect(await revoke()).toBeUndefined();
    await revoke();
    expect(asked).toEqual(['make for 1', 'revoke https://t.me/+link0']);
    expect(await request()).toMatchObject({ status: 'DONE', linkRevokedAt: iso(), linkRevokedBecause: 'expired' });
  });

  test('one that has no link yet gets none, even when its task is there, or its call under way', async () => {
    await buy();
    const [task] = taskQueue.tasks;
    const making = deps();
    const under = {
      ...making,
      communities: { get: () => revoke(iso(), 'refunded').then(() => undefined) },
    };
    const outcome = await createInviteLink(CreateInviteLink.parse(task?.payload ?? ''), under);
    expect(outcome).toEqual({ kind: 'dropped' });
    await work();
    expect(await request()).toMatchObject({ status: 'NOT_NEEDED', notNeededBecause: 'refunded' });
    expect(eventBus.published).toEqual([]);
  });

  test('one that is not there yet is waited for', async () => {
    expect((await revoke())?.notBefore?.getTime()).toBe(clock.now() + 5_000);
    expect((await revoke(iso(), 'refunded', 5))?.notBefore?.getTime()).toBe(clock.now() + 80_000);
    expect(await revoke(iso(), 'refunded', 10)).toBeUndefined();
  });

  test('a link that was made after it was decided stays', async () => {
    await buy();
    await work();
    const decidedAt = iso();
    await comesAndGoes();
    await buy();
    await work();
    await revoke(decidedAt);
    expect(await request()).not.toHaveProperty('linkRevokedAt');
    expect(asked).toHaveLength(3);
  });

  test('a pause is waited for, and a link that is gone is as good', async () => {
    await buy();
    await work();
    failures = [
      new TelegramApiError({ errorCode: 429, description: 'Too Many Requests', retryAfterSeconds: 60 }),
      new TelegramApiError({ errorCode: 400, description: 'Bad Request: INVITE_HASH_EXPIRED' }),
    ];
    expect((await revoke())?.name).toMatch(/-1-1$/);
    clock.advance(60_000);
    expect(await revoke()).toBeUndefined();
    expect(await request()).toMatchObject({ linkRevokedBecause: 'expired' });
  });
});
