import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { archived, newPlan, type PlanTerms } from '@paid-community/shared/model/plans/plan-life.ts';
import { plans } from '@paid-community/shared/model/plans/plan.ts';
import { purchaseEvents } from '@paid-community/shared/model/topics.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { createDocument, type DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { KnownPlans, PLAN_FRESH_MS } from '@paid-community/shared/plans/known-plans.ts';
import { requestInvite } from './request-invite.ts';

const AT = '2026-01-01T00:00:00.000Z';
const MONTHLY: PlanTerms = { planId: 'monthly', name: 'Monthly', communityIds: ['gold'], period: 'P1M' };
const BUNDLE: PlanTerms = {
  planId: 'bundle',
  name: 'All',
  communityIds: ['gold', 'silver', 'default'],
  period: 'lifetime',
};

interface Answer {
  readonly requestId: string;
  readonly requests?: readonly { readonly communityId: string; readonly requestId: string }[];
}

describe('a purchase of a plan', () => {
  const clock = new ManualClock();
  let backend: Backend;
  let close: () => Promise<void>;
  let eventBus: RecordingEventBus;
  let queries: number;
  let deps: Parameters<typeof requestInvite.answerTo>[1];

  beforeEach(async () => {
    ({ backend, close } = openTemporaryBackend(clock));
    eventBus = new RecordingEventBus();
    queries = 0;
    const store: Pick<DocumentStore, 'get' | 'query' | 'count' | 'commit'> = {
      ...backend.store,
      get: (collection, id) => backend.store.get(collection, id),
      commit: (writes) => backend.store.commit(writes),
      count: (query) => backend.store.count(query),
      query: (query) => {
        if (query.collection.name === plans.name) queries += 1;
        return backend.store.query(query);
      },
    };
    const ports = { store, clock };
    deps = { eventBus, clock, log: silentLog, communities: new KnownCommunities(ports), plans: new KnownPlans(ports) };
    await backend.store.commit([
      createDocument(communities, 'gold', someCommunity()),
      createDocument(communities, 'silver', someCommunity({ communityId: 'silver', chatId: '-1002' })),
      createDocument(plans, 'monthly', newPlan(MONTHLY, AT)),
      createDocument(plans, 'bundle', newPlan(BUNDLE, AT)),
      createDocument(plans, 'old', archived(newPlan({ ...MONTHLY, planId: 'old' }, AT), AT)),
    ]);
  });

  afterEach(() => close());

  async function buy(fields: object): Promise<Answer> {
    const body = { userId: 'a', transactionId: 't', ...fields };
    const request = { headers: {}, params: {}, query: {}, caller: 'shop', traceparent: 't' };
    const answer = await requestInvite.answerTo({ ...request, body }, deps);
    return JSON.parse(JSON.stringify(answer.body)) as Answer;
  }

  const published = (): readonly unknown[] => eventBus.eventsOn(purchaseEvents).map(({ data }) => data);

  test('carries what was bought, as the plan has it, and what is known of the buyer', async () => {
    const buyer = { telegramUserId: 4_503_599_627_370_495, email: 'ada.l+x@mail.example.co' };
    const { requestId, ...rest } = await buy({ ...buyer, planId: 'monthly', endsAt: '2026-03-01T05:30+05:30' });
    expect(rest).toEqual({ ok: true, status: 'queued' });
    expect(published()).toEqual([
      {
        requestId,
        userId: 'a',
        makesMembership: true,
        transactionId: 't',
        communityId: 'gold',
        planId: 'monthly',
        planName: 'Monthly',
        period: 'P1M',
        endsAt: '2026-03-01T00:00:00.000Z',
        telegramUserId: '4503599627370495',
        email: 'ada.l+x@mail.example.co',
      },
    ]);
  });

  test('of several communities is a request in each, and one answer', async () => {
    const answer = await buy({ planId: 'bundle', communityId: 'silver' });
    expect(answer.requests?.map(({ communityId }) => communityId)).toEqual(['gold', 'silver', 'default']);
    expect(answer.requestId).toBe(answer.requests?.[0]?.requestId);
    expect(published()).toEqual(
      answer.requests?.map((request) => expect.objectContaining({ ...request, planId: 'bundle', period: 'lifetime' })),
    );
    const [, ...others] = answer.requests?.map(({ requestId }) => requestId) ?? [];
    expect(published().map((data) => (data as { otherRequestIds?: unknown }).otherRequestIds)).toEqual([
      others,
      undefined,
      undefined,
    ]);
    expect(new Set(answer.requests?.map(({ requestId }) => requestId)).size).toBe(3);
    expect(await buy({ planId: 'bundle' })).toEqual(answer);
  });

  test('is another one than that of another plan in the same transaction', async () => {
    const { requestId } = await buy({ planId: 'monthly' });
    expect(await buy({ planId: 'monthly' })).toMatchObject({ requestId });
    expect((await buy({ planId: 'bundle' })).requests).not.toContainEqual({ communityId: 'gold', requestId });
    expect((await buy({ communityId: 'gold' })).requestId).not.toBe(requestId);
  });

  test('counts when its plan is archived, and the log says so', async () => {
    const warnings: unknown[] = [];
    const log = { ...silentLog, warn: (fields: object) => void warnings.push(fields) };
    deps = { ...deps, log: log as typeof silentLog };
    await buy({ planId: 'old' });
    await buy({ planId: 'monthly' });
    expect(published()).toMatchObject([{ planId: 'old', period: 'P1M' }, { planId: 'monthly' }]);
    expect(warnings).toEqual([{ planId: 'old' }]);
  });

  test('finds a plan that was made a moment ago', async () => {
    await buy({ planId: 'monthly' });
    await backend.store.commit([createDocument(plans, 'new', newPlan({ ...MONTHLY, planId: 'new' }, AT))]);
    await buy({ planId: 'new' });
    expect(published()).toMatchObject([{ planId: 'monthly' }, { planId: 'new' }]);
  });

  test('costs no read of its own, and one without a plan never reads plans', async () => {
    for (let number = 0; number < 20; number += 1) await buy({ userId: `u${number}`, communityId: 'gold' });
    expect(queries).toBe(0);
    for (let number = 0; number < 20; number += 1) await buy({ userId: `u${number}`, planId: 'monthly' });
    expect(queries).toBe(1);
    clock.advance(PLAN_FRESH_MS);
    await buy({ planId: 'monthly' });
    expect(queries).toBe(2);
  });

  test('an end may come without a plan', async () => {
    await buy({ communityId: 'gold', endsAt: '2027-01-01T00:00:00Z' });
    expect(published()).toMatchObject([{ communityId: 'gold', endsAt: '2027-01-01T00:00:00.000Z' }]);
  });

  test('of a bundle of which one community takes no purchases is refused as a whole', async () => {
    const gone = { ...someCommunity({ communityId: 'gone' }), state: 'disconnected', disconnectedAt: AT } as const;
    await backend.store.commit([
      createDocument(communities, 'gone', gone),
      createDocument(plans, 'half', newPlan({ ...MONTHLY, planId: 'half', communityIds: ['gold', 'gone'] }, AT)),
    ]);
    await expect(buy({ planId: 'half' })).rejects.toMatchObject({
      code: 'invalid_request',
      issues: [{ path: '/planId', message: expect.stringMatching(/"gone".*disconnected/) }],
    });
    expect(published()).toEqual([]);
  });

  test('that could not be made durable is not acknowledged', async () => {
    eventBus.failNext = new RetryableError('storage_full', 'no space');
    await expect(buy({ planId: 'bundle' })).rejects.toMatchObject({ code: 'storage_full' });
    expect(await buy({ planId: 'bundle' })).toMatchObject({ ok: true });
  });

  test.each([
    ['a plan that there is not', { planId: 'none' }, '/planId', 'plans list'],
    ['an empty plan', { planId: '' }, '/planId', '1 to 60'],
    ['null as plan', { planId: null }, '/planId', 'string'],
    ['a community that is not of the plan', { planId: 'monthly', communityId: 'silver' }, '/communityId', 'gold'],
    ['an end that is over', { endsAt: AT }, '/endsAt', 'to come'],
    ['an end in a thousand years', { endsAt: '3026-01-01T00:00:00Z' }, '/endsAt', '100 years'],
    ['an end without a zone', { endsAt: '2027-01-01T00:00:00' }, '/endsAt', 'with its zone'],
    ['a day as an end', { endsAt: '2027-01-01' }, '/endsAt', 'such as'],
    ['30 February', { endsAt: '2027-02-30T00:00:00Z' }, '/endsAt', 'calendar'],
    ['seconds since 1970 as an end', { endsAt: 1_800_000_000 }, '/endsAt', 'string'],
    ['a name as an account', { telegramUserId: '@ada' }, '/telegramUserId', 'digits'],
    ['a chat as an account', { telegramUserId: -1_001_234 }, '/telegramUserId', 'digits'],
    ['0 as an account', { telegramUserId: 0 }, '/telegramUserId', 'digits'],
    ['more than 52 bits', { telegramUserId: '4503599627370496' }, '/telegramUserId', 'at most 4503599627370495'],
    ['no address', { email: 'ada' }, '/email', 'such as'],
    ['an address without a domain', { email: 'ada@localhost' }, '/email', 'such as'],
    ['two addresses', { email: 'a@b.example,c@d.example' }, '/email', 'such as'],
    ['a further header', { email: 'a@b.example\r\nBcc: c@d.example' }, '/email', 'such as'],
    ['an address of 255 characters', { email: `${'a'.repeat(243)}@mail.example` }, '/email', '254'],
    ['a test', { test: true }, '', 'allowed'],
    ['a price', { amount: '1.00' }, '', 'allowed'],
  ])('%s is refused with its path and what would be right, and nothing is published', async (_, body, path, words) => {
    await expect(buy(body)).rejects.toMatchObject({
      code: 'invalid_request',
      issues: [{ path, message: expect.stringContaining(words) }],
    });
    expect(eventBus.published).toEqual([]);
  });
});
