import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { HttpError, statusOfCode } from '@paid-community/shared/platform/http/http-error.ts';
import type { Route } from '@paid-community/shared/platform/http/route.ts';
import type { OutgoingTask } from '@paid-community/shared/platform/ports/task-queue.ts';
import { createDocument, deleteDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { linkAskedFor, linkConfirmed, linkRevoked, namedLinks } from '@paid-community/shared/model/links/named-link.ts';
import { RevokeNamedLink } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { newPlan } from '@paid-community/shared/model/plans/plan-life.ts';
import { plans } from '@paid-community/shared/model/plans/plan.ts';
import { inviteQueue, operatorQueue } from '@paid-community/shared/model/queues.ts';
import { linkCreatedEvents, purchaseEvents } from '@paid-community/shared/model/topics.ts';
import { storeMember } from '@paid-community/intake-service/operator/testing/memberships-api.ts';
import { grants } from '@paid-community/shared/model/memberships/grant.ts';
import { membershipIdOf, memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { AnsweringTaskQueue } from '@paid-community/intake-service/operator/testing/answering-task-queue.ts';
import { operatorRoutes, operations } from '@paid-community/intake-service/operator/routes.ts';
import { FAILED_REQUEST, purchase, REQUEST } from '@paid-community/intake-service/operator/testing/open-operator.ts';
import { answersToCalls } from '../../deploy/generated/openapi/answers-to-calls.ts';
import { bentCursor, pick, VALUES, type Random } from './harness/bent-inputs.ts';
import { seededRandom } from './harness/random.ts';

/** They ask the other services, wait for them, and take nothing. */
const WITHOUT_INPUT = new Set(['health.show', 'health.fix']);
/** Paths of the operations that must accept one input at least, so that their last step is tried, too. */
const ACCEPTS_ONE = /^\/v1\/ops\/(communities|plans|memberships|removals)/;
const INPUTS_OF_EACH = 400;
const BOT = '111111111';
const CHAT = '-1002';
const MEMBERSHIP_ID = membershipIdOf('gold', { userId: 'user-1' });
const PLAN = newPlan(
  { planId: 'monthly', name: 'Monthly', communityIds: ['gold'], period: 'P1M' },
  '2026-01-01T00:00:00.000Z',
);
const HAND_MADE = linkConfirmed(
  linkAskedFor({ communityId: 'gold', botId: BOT, name: 'n', madeBy: 'ada' }, 0, 400),
  { inviteLink: 'https://t.me/+byhand', chatId: CHAT },
  400,
);

describe('inputs made at random', () => {
  const clock = new ManualClock();
  let backend: Backend;
  let close: () => Promise<void>;
  let routes: readonly Route[];
  const cursors: string[] = [];

  beforeAll(async () => {
    ({ backend, close } = openTemporaryBackend(clock));
    const { store, eventBus } = backend;
    await store.commit([
      ...Array.from({ length: 5 }, (_, n) =>
        createDocument(inviteRequests, `r${n}`, { ...FAILED_REQUEST, requestId: `r${n}` }),
      ),
      createDocument(inviteRequests, REQUEST.requestId, REQUEST),
    ]);
    for (let number = 0; number < 250; number += 1)
      await eventBus.publish(number % 2 === 0 ? purchaseEvents : linkCreatedEvents, purchase(`p${number}`));
    clock.advance(1_000);
    await backend.administration.queue.pause(inviteQueue);
    await store.commit([
      createDocument(plans, PLAN.planId, PLAN),
      createDocument(namedLinks, 'by-hand', { ...HAND_MADE, expiresAt: undefined }),
    ]);
    const recording = new RecordingTaskQueue();
    const status = { username: 'a_bot', status: 'administrator', mayInvite: true, mayRestrict: true };
    const answering = new AnsweringTaskQueue(store, {
      bots: [{ botId: BOT, username: 'a_bot' }],
      chats: { [CHAT]: { chatId: CHAT, title: 'Gold', kind: 'supergroup', bots: [{ botId: BOT, ...status }] } },
      answers: {
        ...answersToCalls(BOT, 'a_bot'),
        [RevokeNamedLink.type]: () => linkRevoked(HAND_MADE, { revokedBy: 'ada', now: 0 }, 400),
      },
    });
    const deps = {
      ...backend,
      taskQueue: {
        enqueue: (queue: { readonly name: string }, task: OutgoingTask) =>
          queue.name === operatorQueue.name ? answering.enqueue(queue, task) : recording.enqueue(queue, task),
      },
      config: { RETENTION_DAYS: 400 },
      dataDir: undefined,
      clock,
      log: silentLog,
    };
    routes = operatorRoutes(['ada:key'], deps);
  });

  // An operation before may have disconnected the communities, or ended the membership.
  beforeEach(async () => {
    const { store } = backend;
    const ids = ['gold', 'waiting', 'gone'];
    await store.commit([
      ...ids.map((communityId) => deleteDocument(communities, communityId)),
      deleteDocument(memberships, MEMBERSHIP_ID),
      deleteDocument(grants, 'request-of-user-1'),
    ]);
    await store.commit(
      ids.map((communityId) =>
        createDocument(communities, communityId, {
          ...someCommunity({ communityId, chatId: CHAT, botIds: [BOT] }),
          ...(communityId === 'waiting' ? { state: 'waiting' as const } : {}),
        }),
      ),
    );
    await storeMember(
      { userId: 'user-1', endsAt: '2026-06-01T00:00:00.000Z', telegramUserId: '42' },
      someCommunity(),
      store,
      clock.now(),
    );
  });

  afterAll(() => close());

  /** The status that HTTP would answer with. */
  async function statusOf(
    index: number,
    input: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly status: number; readonly error?: unknown }> {
    const route = routes[index];
    const operation = operations[index];
    if (route === undefined || operation === undefined) throw new Error('There is no such operation');
    const segments = [...operation.path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '');
    const texts = (entries: readonly (readonly [string, unknown])[]): Record<string, string> =>
      Object.fromEntries(
        entries.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
      );
    const params = texts(segments.map((name) => [name, input[name] ?? 'r1']));
    const rest = Object.entries(input).filter(([name]) => !segments.includes(name));
    try {
      const request = {
        headers: {},
        params,
        query: operation.method === 'GET' ? texts(rest) : {},
        body: operation.method === 'GET' ? undefined : Object.fromEntries(rest),
        caller: 'ada',
        traceparent: 't',
      };
      const { status, body } = await route.handle(request);
      const { nextCursor } = body as { readonly nextCursor?: string };
      if (nextCursor !== undefined) cursors.push(nextCursor);
      return { status };
    } catch (error) {
      return { status: error instanceof HttpError ? statusOfCode[error.code] : 500, error };
    }
  }

  /** Fields of the schema, some of them right. A fifth of the inputs has all that is needed, and nearly all is right. */
  function inputFor(index: number, random: Random): Record<string, unknown> {
    const { properties = {}, required }: { readonly properties?: object; readonly required?: readonly string[] } =
      operations[index]?.input ?? {};
    const isCareful = random() < 0.2;
    const isGiven = (field: string): boolean => (isCareful && required?.includes(field) === true) || random() < 0.5;
    const input: Record<string, unknown> = {};
    for (const field of Object.keys(properties).filter(isGiven)) {
      const good: Readonly<Record<string, unknown>> = {
        since: '2025-12-31T12:00:00.000Z',
        until: '2026-01-01T00:00:00.500Z',
        subscription: 'link-worker-purchase-events',
        limit: 2,
        state: 'failed',
        dryRun: true,
        userId: 'user-1',
        reason: 'a test',
        name: `snapshot-${Math.floor(random() * 1e6)}`,
        communityId: pick(['gold', 'waiting', 'default', 'gone', `new-${Math.floor(random() * 1e6)}`], random),
        chatId: CHAT,
        botIds: [BOT],
        entry: 'link',
        removal: 'off',
        linkTtl: 'PT1H',
        grace: 'P3D',
        reminders: ['P7D', 'P1D'],
        revokeAfterJoin: true,
        wrongPerson: 'report',
        poolSize: 0,
        eraseAfter: 'P90D',
        inviteLink: HAND_MADE.inviteLink,
        text: 'hello',
        memberLimit: 5,
        unlimited: false,
        membershipId: MEMBERSHIP_ID,
        planId: pick([PLAN.planId, `plan-${Math.floor(random() * 1e6)}`], random),
        communityIds: PLAN.communityIds,
        prices: [{ amount: '499.00', currency: 'INR' }],
        telegramUserId: pick(['42', '43'], random),
        period: pick(['P1M', 'PT2M'], random),
        endsAt: '2027-01-01T00:00:00Z',
        exempt: random() < 0.5,
        rows: [{ line: 1, userId: 'user-2', endsAt: '2027-01-01T00:00:00Z' }],
        expiresAt: '2027-01-01T00:00:00.000Z',
        timeZone: 'Asia/Kolkata',
      };
      if (field === 'cursor') input[field] = bentCursor(cursors, random);
      else if (random() < (isCareful ? 0.98 : 0.8) && field in good) input[field] = good[field];
      else input[field] = pick(VALUES, random);
    }
    if (random() < 0.05) input[pick(['__proto__', 'constructor', 'x', ''], random)] = pick(VALUES, random);
    return input;
  }

  // A backup at a random path is a file at a random path.
  test.each(operations.map(({ id }, index) => [id, index] as const).filter(([action]) => action !== 'backup.create'))(
    '%s answers each of them with what is wrong, and never with 500',
    async (action, index) => {
      const random = seededRandom(index + 1);
      const statuses = new Set<number>();
      for (let count = 0; count < INPUTS_OF_EACH; count += 1) {
        const input = inputFor(index, random);
        if (WITHOUT_INPUT.has(action) && Object.keys(input).length === 0) continue;
        clock.advance(61_000 * (random() < 0.2 ? 1 : 0));
        const { status, error } = await statusOf(index, input);
        if (![200, 400, 404, 409].includes(status))
          throw new Error(`${action} ${JSON.stringify(input)}: ${status}`, { cause: error });
        statuses.add(status);
      }
      if (ACCEPTS_ONE.test(operations[index]?.path ?? '')) expect(statuses).toContain(200);
    },
  );

  test('a cursor that is bent is refused with the name of its field', async () => {
    const random = seededRandom(7);
    const ask = async (action: string, input: object): Promise<{ readonly status: number; readonly error?: unknown }> =>
      statusOf(
        operations.findIndex((each) => each.id === action),
        { ...input },
      );
    const paged: readonly (readonly [string, object])[] = [
      ['requests.list', { state: 'failed', limit: 2 }],
      ['requests.find', { userId: 'user-1', limit: 2 }],
      [
        'subscription.replay',
        {
          subscription: 'link-worker-purchase-events',
          since: '2025-12-31T12:00:00.000Z',
          until: '2026-01-01T00:00:00.500Z',
          dryRun: true,
        },
      ],
      ['store.rebuild', { since: '2025-12-31T12:00:00.000Z', dryRun: true }],
    ];
    let refused = 0;
    for (const [action, input] of paged) {
      for (let count = 0; count < 60; count += 1) {
        const { status, error } = await ask(action, { ...input, cursor: bentCursor(cursors, random) });
        if (status !== 400) continue;
        refused += 1;
        expect(error).toMatchObject({ issues: [{ path: '/cursor' }] });
      }
    }
    expect(refused).toBeGreaterThan(100);
  });

  test('a cursor of a rebuild goes on from any step, with any value in any of its fields', async () => {
    const index = operations.findIndex(({ id }) => id === 'store.rebuild');
    const good = {
      id: '01234567-89ab',
      since: '2025-12-31T12:00:00.000Z',
      until: '2026-01-01T00:00:00.500Z',
      dryRun: true,
    };
    const encode = (position: object): string => Buffer.from(JSON.stringify(position)).toString('base64url');
    const statuses = new Set<number>();
    for (const step of [0, 2, 4]) {
      for (const field of ['id', 'since', 'until', 'dryRun', 'step', 'cursor']) {
        for (const value of VALUES) {
          clock.advance(61_000);
          const { status, error } = await statusOf(index, {
            since: good.since,
            cursor: encode({ ...good, step, [field]: value }),
          });
          if (status === 500) throw new Error(`step ${step}, ${field}: ${JSON.stringify(value)}`, { cause: error });
          const isTime = typeof value === 'string' && /^\d{4}-.*Z$/.test(value) && !/-02-30|T24/.test(value);
          if (['since', 'until'].includes(field) && !isTime)
            expect([step, field, value, status]).toEqual([step, field, value, 400]);
          statuses.add(status);
        }
      }
    }
    // 404: there is no snapshot of such a rebuild.
    expect([...statuses].toSorted()).toEqual([200, 400, 404]);
  });
});
