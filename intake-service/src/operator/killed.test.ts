import { describe, expect, test } from '@jest/globals';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { membershipIdOf, memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { membershipEvents, purchaseEvents } from '@paid-community/shared/model/topics.ts';
import { createdLinksForEventEmitter, purchasesForLinkWorker } from '@paid-community/shared/topology.ts';
import type { OperatorDeps } from './http/operation.ts';
import { storeMember } from './testing/memberships-api.ts';
import { dyingPorts, type Death } from './testing/dying-ports.ts';
import { FAILED_REQUEST, openOperator, purchase, REQUEST, type Operator } from './testing/open-operator.ts';

/** Longer than a claim of a dead letter, or a reading of a topic, binds anybody. */
const LATER_MS = 3 * 60_000;
const NAMES = ['a', 'b', 'c'];
const LINK_WORKER_TASKS = NAMES.map((name) => `${name}-r1-1-0`);
const MEMBERS = NAMES.map((userId, line) => ({
  line: line + 1,
  userId,
  telegramUserId: `${line + 1}`,
  endsAt: '2027-01-01T00:00:00Z',
}));
const TRACEPARENT = REQUEST.traceparent;

interface Scenario {
  readonly setUp: (operator: Operator) => Promise<void>;
  /** The calls that the command makes, each to its last page. */
  readonly calls: readonly (readonly [string, object])[];
  /** With messages that are kept, not recorded only. */
  readonly realBus?: true;
  readonly check: (operator: Operator) => Promise<void>;
}

async function failedRequests(operator: Operator): Promise<void> {
  await operator.backend.store.commit(
    NAMES.map((name) => createDocument(inviteRequests, name, { ...FAILED_REQUEST, requestId: name })),
  );
  const data = JSON.stringify({ requestId: 'a', attemptNumber: 50, deferrals: 0, traceparent: TRACEPARENT });
  await operator.deadLetter('m-a', { data, attributes: {} }, { source: inviteQueue.name, code: 'attempts_exhausted' });
}

async function stuckRequests({ backend }: Operator): Promise<void> {
  const stuck = {
    ...FAILED_REQUEST,
    status: 'PROCESSING' as const,
    attempts: 0,
    failedAt: undefined,
    nextAttemptAt: '2025-12-31T11:00:00.000Z',
  };
  await backend.store.commit(NAMES.map((name) => createDocument(inviteRequests, name, { ...stuck, requestId: name })));
}

async function letters(operator: Operator): Promise<void> {
  for (const name of NAMES) await operator.deadLetter(`m-${name}`, purchase(name));
}

async function retainedPurchases({ backend, clock }: Operator): Promise<void> {
  for (const name of NAMES) await backend.eventBus.publish(purchaseEvents, purchase(name));
  clock.advance(1_000);
}

/** The store has none of what these events tell. */
async function lostDocuments({ backend, clock }: Operator): Promise<void> {
  for (const requestId of NAMES) {
    const fact = { requestId, time: '2025-12-31T23:59:59.000Z', traceparent: TRACEPARENT };
    await PurchaseReceived.publish(
      backend.eventBus,
      PurchaseReceived.create({
        ...fact,
        data: { requestId, userId: 'u', transactionId: requestId, communityId: 'default' },
      }),
    );
    await LinkCreated.publish(
      backend.eventBus,
      LinkCreated.create({
        ...fact,
        data: { requestId, userId: 'u', transactionId: requestId, inviteLink: `https://t.me/+${requestId}` },
      }),
    );
  }
  clock.advance(1_000);
  await backend.administration.queue.pause(inviteQueue);
}

async function statuses({ backend }: Operator): Promise<readonly (string | undefined)[]> {
  return Promise.all(NAMES.map(async (name) => (await backend.store.get(inviteRequests, name))?.data.status));
}

async function letterStatuses(
  { backend }: Operator,
  status: 'open' | 'retrying' | 'retried' | 'discarded',
): Promise<number> {
  return backend.store.count({ collection: deadLetters, where: { status } });
}

async function retainedData({ backend, clock }: Operator): Promise<readonly string[]> {
  const range = {
    topic: purchaseEvents,
    from: new Date(clock.now() - 86_400_000),
    until: new Date(clock.now() + 1),
    limit: 1_000,
  };
  return (await backend.administration.bus.readRetained(range)).messages.map(({ data }) => data);
}

const SINCE = '2025-12-31T12:00:00.000Z';
const retryLetters = [
  ['dead-letters.retry', {}],
  ['dead-letters.retry', { status: 'retrying' }],
] as const;

const scenarios: Readonly<Record<string, Scenario>> = {
  'requests retry --all': {
    setUp: failedRequests,
    calls: [['requests.retry', { limit: 2 }]],
    check: async (operator) => {
      expect(operator.taskQueue.tasks.map(({ name }) => name).toSorted()).toEqual(LINK_WORKER_TASKS);
      expect(await statuses(operator)).toEqual(['PROCESSING', 'PROCESSING', 'PROCESSING']);
    },
  },
  'requests requeue --all': {
    setUp: stuckRequests,
    calls: [['requests.requeue', { limit: 2 }]],
    check: async (operator) => {
      expect(operator.taskQueue.tasks.map(({ name }) => name).toSorted()).toEqual(LINK_WORKER_TASKS);
      expect(await statuses(operator)).toEqual(['PROCESSING', 'PROCESSING', 'PROCESSING']);
    },
  },
  'requests reissue': {
    setUp: async ({ backend }) => backend.store.commit([createDocument(inviteRequests, REQUEST.requestId, REQUEST)]),
    calls: [['requests.reissue', { requestId: REQUEST.requestId }]],
    check: async ({ backend, taskQueue }) => {
      expect(taskQueue.tasks.map(({ name }) => name)).toEqual([`${REQUEST.requestId}-r1-1-0`]);
      expect((await backend.store.get(inviteRequests, REQUEST.requestId))?.data).toMatchObject({
        status: 'PROCESSING',
        generation: 2,
        replaces: { inviteLink: REQUEST.inviteLink },
      });
    },
  },
  'dead-letters retry --all': {
    setUp: letters,
    calls: retryLetters,
    check: async (operator) => {
      expect(new Set(operator.eventBus.published.map(({ message }) => message.data))).toEqual(
        new Set(NAMES.map((name) => purchase(name).data)),
      );
      expect(await letterStatuses(operator, 'retried')).toBe(3);
    },
  },
  'dead-letters retry --all, of given-up requests': {
    setUp: failedRequests,
    calls: retryLetters,
    check: async (operator) => {
      expect(operator.taskQueue.tasks.map(({ name }) => name)).toContain('a-r1-1-0');
      expect(await letterStatuses(operator, 'retried')).toBe(1);
      expect(await statuses(operator)).toEqual(['PROCESSING', 'FAILED', 'FAILED']);
    },
  },
  'dead-letters discard --all': {
    setUp: letters,
    calls: [['dead-letters.discard', { reason: 'a test' }]],
    check: async (operator) => {
      expect(await letterStatuses(operator, 'discarded')).toBe(3);
    },
  },
  'replay --since': {
    setUp: retainedPurchases,
    realBus: true,
    calls: [['subscription.replay', { subscription: purchasesForLinkWorker.name, since: SINCE }]],
    check: async ({ backend }) => {
      expect(await backend.administration.bus.backlog(purchasesForLinkWorker)).toMatchObject({ undelivered: 3 });
    },
  },
  'replay --until': {
    setUp: retainedPurchases,
    realBus: true,
    calls: [
      [
        'subscription.replay',
        { subscription: purchasesForLinkWorker.name, since: SINCE, until: '2026-01-01T00:00:00.500Z' },
      ],
    ],
    check: async (operator) => {
      const data = await retainedData(operator);
      for (const name of NAMES)
        expect(data.filter((each) => each === purchase(name).data).length).toBeGreaterThanOrEqual(2);
    },
  },
  rebuild: {
    setUp: lostDocuments,
    realBus: true,
    calls: [['store.rebuild', { since: SINCE }]],
    check: async ({ backend }) => {
      for (const name of NAMES) {
        expect((await backend.store.get(inviteRequests, name))?.data).toMatchObject({
          status: 'DONE',
          inviteLink: `https://t.me/+${name}`,
        });
        expect(await backend.store.get(inviteLinks, inviteLinkId(`https://t.me/+${name}`))).toBeDefined();
      }
      // Nothing was acknowledged, so all events wait still, and none counts as sent.
      expect(await backend.administration.bus.backlog(createdLinksForEventEmitter)).toMatchObject({ undelivered: 3 });
      expect(await backend.administration.bus.listSnapshots()).toEqual([]);
    },
  },
  'memberships import': {
    setUp: ({ backend }) => backend.store.commit([createDocument(communities, 'gold', someCommunity())]),
    calls: [['memberships.import', { communityId: 'gold', rows: MEMBERS }]],
    check: async (operator) => {
      const members = NAMES.map((userId) => membershipIdOf('gold', { userId }));
      for (const membershipId of members)
        expect((await operator.backend.store.get(memberships, membershipId))?.data).toMatchObject({
          state: 'active',
          effects: [],
        });
      expect(toldOf(operator).size).toBe(members.length);
    },
  },
  'memberships revoke': {
    setUp: async ({ backend, clock }) => {
      await storeMember({ userId: 'a', telegramUserId: '1' }, someCommunity(), backend.store, clock.now());
      await backend.store.commit([createDocument(communities, 'gold', someCommunity())]);
    },
    calls: [['memberships.revoke', { membershipId: membershipIdOf('gold', { userId: 'a' }) }]],
    check: async (operator) => {
      const membershipId = membershipIdOf('gold', { userId: 'a' });
      expect((await operator.backend.store.get(memberships, membershipId))?.data).toMatchObject({
        state: 'revoked',
        effects: [],
      });
      expect(toldOf(operator).size).toBe(1);
    },
  },
};

/** Ids of what was told of memberships: what has one id is taken once. */
function toldOf({ eventBus }: Operator): ReadonlySet<unknown> {
  return new Set(eventBus.eventsOn(membershipEvents).map(({ id }) => id));
}

/** As the command does: page after page; "nothing is left to do" is as good an end as any. */
async function runCommand(operator: Operator, { calls }: Scenario, ports: Partial<OperatorDeps>): Promise<void> {
  for (const [action, input] of calls) {
    let cursor: string | undefined;
    do {
      const answer: { readonly nextCursor?: string; readonly failed?: readonly object[] } = await operator.callWith(
        ports,
        action,
        cursor === undefined ? input : { ...input, cursor },
      );
      cursor = answer.nextCursor;
    } while (cursor !== undefined);
  }
}

async function dies(scenario: Scenario, death: Death): Promise<boolean> {
  const operator = openOperator();
  try {
    await scenario.setUp(operator);
    const { eventBus, taskQueue, backend } = operator;
    const ports = {
      store: backend.store,
      administration: backend.administration,
      taskQueue,
      eventBus: scenario.realBus === true ? backend.eventBus : eventBus,
    };
    const dying = dyingPorts(ports, death);
    await runCommand(operator, scenario, dying.ports).catch((error: unknown) => {
      if (!dying.isDead()) throw error;
    });
    operator.clock.advance(LATER_MS);
    await runCommand(operator, scenario, ports).catch((error: unknown) => {
      // It was done after all.
      if (!(error instanceof HttpError && error.code === 'conflict' && scenario.calls[0]?.[0] === 'requests.reissue'))
        throw error;
    });
    await scenario.check(operator);
    return dying.isDead();
  } finally {
    await operator.close();
  }
}

describe.each(Object.entries(scenarios))('%s, when the system dies in it and it is run again', (_name, scenario) => {
  test.each(['before', 'after'] as const)('is finished, when it dies %s any of its changes', async (moment) => {
    let call = 1;
    while (await dies(scenario, { call, moment })) call += 1;
    expect(call).toBeGreaterThan(1);
  });
});
