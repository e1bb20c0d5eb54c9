import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PurchaseReceived } from '../purchases/purchase-received.ts';
import { ATTEMPT_HISTORY, withFailure, type Attempts } from '../operations/attempts.ts';
import {
  attemptFailed,
  attemptsOf,
  givenUp,
  lastAttemptFailed,
  linkRecorded,
  overdue,
  queuedAgain,
} from './attempts.ts';
import { erased, linksOf } from './erase-request.ts';
import { inviteLinkOf } from './invite-link.ts';
import { documentOf, inviteRequestOf, type InviteRequestDocument } from './invite-request.ts';
import { linkCreated, LinkCreated } from './link-created.ts';
import { nextStep } from './next-step.ts';
import { rebuilt } from './rebuild-request.ts';
import { afterPurchase, boughtAgain } from './receive-purchase.ts';
import { afterExpiry, linkReplaced, linkWanted, MAX_GENERATIONS, replacedLinkRevoked } from './replace-link.ts';
import { notNeeded, revocationOf, revoked } from './revoke-link.ts';
import { isOpen, replacedLink, type InviteRequest, type OpenRequest } from './request-states.ts';
import { iso, issuesOf, START_MS, storedRequest } from './testing/stored-request.ts';

/** What happens to a request. Where a transition is not for its state, or refuses, the request stays as it is. */
interface Move {
  readonly name: string;
  readonly of: (request: InviteRequest, nowMs: number) => InviteRequest;
}

let made = 0;
const newLink = (): string => `https://t.me/+made${(made += 1)}`;
const error = { code: 'telegram_400', message: 'no \ud83d\ude00'.repeat(200) };
const expiresAt = iso(START_MS + 1e10);

function failedOnce(request: OpenRequest, nowMs: number): Attempts {
  const failure = { at: iso(nowMs), code: 'telegram_400', message: 'no' };
  return withFailure(attemptsOf(request), failure, nowMs + 5_000);
}

const purchase = (time: string): ReturnType<typeof PurchaseReceived.create> =>
  PurchaseReceived.create({
    time,
    traceparent: '00-c-d-01',
    data: { requestId: 'r1', userId: 'u', transactionId: 't', communityId: 'default' },
  });

const open =
  (change: (request: OpenRequest, nowMs: number) => InviteRequest): Move['of'] =>
  (request, nowMs) =>
    isOpen(request) ? change(request, nowMs) : request;

function recorded(request: InviteRequest, nowMs: number): InviteRequest {
  if (!isOpen(request) && request.status !== 'FAILED') return request;
  const link = { inviteLink: newLink(), telegramChatId: '-1001', botId: '7', expiresAt: new Date(nowMs + 1_000) };
  return linkRecorded(request, link, nowMs) ?? request;
}

function revokedAt(request: InviteRequest, nowMs: number, decidedAt: string): InviteRequest {
  const due = revocationOf(request, decidedAt);
  return due.kind === 'revoke' ? revoked(due.request, 'expired', nowMs) : request;
}

function bought(postedMs: number): Move['of'] {
  return (request, nowMs) => {
    const due = afterPurchase(request, { time: iso(postedMs) }, nowMs);
    if (due.kind === 'begin_anew') return boughtAgain(due.request, purchase(iso(postedMs)), expiresAt);
    return due.kind === 'retry' ? queuedAgain(due.request, nowMs) : request;
  };
}

function told(generation: number, attempts: number): Move['of'] {
  return (request, nowMs) => {
    const event = LinkCreated.create({
      generation,
      time: iso(nowMs),
      traceparent: '00-e-f-01',
      data: {
        requestId: 'r1',
        userId: 'u',
        transactionId: 't',
        inviteLink: `https://t.me/+told${generation}`,
        attempts,
        ...(generation === 1 ? {} : { generation }),
      },
    });
    return rebuilt(request, event, expiresAt)?.request ?? request;
  };
}

function worked(attemptNumber: number, retry: number | undefined, succeeds: boolean): Move['of'] {
  return (request, nowMs) => {
    const step = nextStep({ attemptNumber, ...(retry === undefined ? {} : { retry }) }, request, nowMs);
    switch (step.kind) {
      case 'drop':
      case 'publish':
      case 'give_up':
      case 'follow_up':
        return request;
      case 'revoke':
        return replacedLinkRevoked(step.request, step.replaced, nowMs);
      case 'create':
        return succeeds
          ? recorded(step.request, nowMs)
          : attemptFailed(step.request, failedOnce(step.request, nowMs), nowMs);
    }
  };
}

const generations = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: MAX_GENERATIONS }));
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.constantFrom<Move>(
    { name: 'attemptFailed', of: open((request, now) => attemptFailed(request, failedOnce(request, now), now)) },
    {
      name: 'lastAttemptFailed',
      of: open((request, now) => lastAttemptFailed(request, failedOnce(request, now), now)),
    },
    { name: 'givenUp', of: open((request, now) => givenUp(request, error, iso(now))) },
    {
      name: 'overdue',
      of: (request, now) => (request.status === 'QUEUED' ? overdue(request, error, iso(now)) : request),
    },
    {
      name: 'queuedAgain',
      of: (request, now) => (isOpen(request) || request.status === 'FAILED' ? queuedAgain(request, now) : request),
    },
    { name: 'linkRecorded', of: recorded },
    {
      name: 'linkReplaced',
      of: (request, now) => (request.status === 'DONE' ? (linkReplaced(request, now) ?? request) : request),
    },
    {
      name: 'linkWanted',
      of: (request, now) => (request.status === 'NOT_NEEDED' ? (linkWanted(request, now) ?? request) : request),
    },
    {
      name: 'notNeeded',
      of: (request, now) => (request.status === 'QUEUED' ? notNeeded(request, 'inside', now) : request),
    },
    { name: 'revoked', of: (request, now) => revokedAt(request, now, iso(now)) },
    { name: 'revoked, decided before', of: (request, now) => revokedAt(request, now, iso(START_MS)) },
  ),
  generations.map((generation): Move => ({
    name: `the link of generation ${generation} expired`,
    of: (request, now) => {
      const due = afterExpiry(request, generation);
      return due.kind === 'replace' ? (linkReplaced(due.request, now, 'expired') ?? request) : request;
    },
  })),
  fc.integer({ min: -2_000_000, max: 2_000_000 }).map((ms): Move => ({
    name: `a purchase of ${iso(START_MS + ms)}`,
    of: bought(START_MS + ms),
  })),
  generations.map((generation): Move => ({
    name: `erased with ${generation}`,
    of: (request, nowMs) => erased('r1', request, { nowMs, generation, expiresAt }),
  })),
  fc.tuple(generations, fc.integer({ min: 1, max: 4 })).map(([generation, attempts]): Move => ({
    name: `rebuilt from the event of generation ${generation}`,
    of: told(generation, attempts),
  })),
  fc
    .tuple(fc.integer({ min: 1, max: 14 }), fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }), fc.boolean())
    .map(([attemptNumber, retry, succeeds]): Move => ({
      name: `task ${attemptNumber} of retry ${retry ?? 0} ${succeeds ? 'succeeds' : 'fails'}`,
      of: worked(attemptNumber, retry, succeeds),
    })),
);

function broken(before: InviteRequest, after: InviteRequest, { name }: Move): readonly string[] {
  const isErasure = name.startsWith('erased');
  const earlier = after.earlierLinks.length + (replacedLink(after) === undefined ? 0 : 1);
  const kept = new Set(linksOf(after));
  const rules: Readonly<Record<string, boolean>> = {
    'a link once told is kept': isErasure || linksOf(before).every((link) => kept.has(link)),
    'a link is kept once': linksOf(after).length === earlier + (after.status === 'DONE' ? 1 : 0),
    'attempts never fall, but when all are given anew':
      isErasure || after.attempts >= before.attempts || after.retries > before.retries,
    'retries never fall': after.retries >= before.retries,
    'the generation never falls': after.generation >= before.generation,
    'what is erased stays so until a purchase after it':
      before.status !== 'ERASED' || after.status === 'ERASED' || isAfter(before, after, name),
    'an erasure is never forgotten': (after.erased?.times ?? 0) >= (before.erased?.times ?? 0),
    'the history is bounded': after.failures.length <= ATTEMPT_HISTORY && earlier < after.generation,
    'a second erasure changes nothing': !isErasure || before.status !== 'ERASED' || after === before,
    'an erasure leaves nobody': after.status !== 'ERASED' || (after.userId === '' && linksOf(after).length === 0),
  };
  return Object.keys(rules).filter((rule) => rules[rule] !== true);
}

/** By the time of the purchase, or by an event of a link that comes after those that were erased. */
function isAfter(before: InviteRequest & { readonly erased: object }, after: InviteRequest, name: string): boolean {
  const { at, generation } = before.erased as { at: string; generation: number };
  return name.startsWith('a purchase') ? after.createdAt > at : after.generation > generation;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

const json = (document: InviteRequestDocument): unknown => JSON.parse(JSON.stringify(document));

test('from any state, any transitions in any order and number keep what was promised', () => {
  const states = new Set<string>();
  fc.assert(
    fc.property(storedRequest, fc.array(move, { maxLength: 25, minLength: 1 }), (document, moves) => {
      let request = frozen(inviteRequestOf(document));
      moves.forEach((next, index) => {
        const after = frozen(next.of(request, START_MS + 2_000_000 + index));
        const stored = json(documentOf(after)) as InviteRequestDocument;
        expect({
          move: next.name,
          broken: broken(request, after, next),
          issues: issuesOf(stored, after.status),
        }).toEqual({
          move: next.name,
          broken: [],
          issues: [],
        });
        // What is stored says the same as what was decided.
        expect(inviteRequestOf(stored)).toEqual(after);
        states.add(after.status);
        request = after;
      });
    }),
    { numRuns: 400, seed: 7 },
  );
  expect([...states].toSorted()).toEqual(['DONE', 'ERASED', 'FAILED', 'NOT_NEEDED', 'PROCESSING', 'QUEUED']);
});

test('a stored request that is read and written is the same JSON; of an older version an open one gets its openId, and a tombstone its erasure', () => {
  fc.assert(
    fc.property(storedRequest, (document) => {
      const isOldTombstone = document.status === 'ERASED' && document.erased === undefined;
      const added = isOldTombstone
        ? { generation: 1, erased: { at: document.createdAt, times: 1, generation: 1 } }
        : {};
      const isOpen = document.status === 'QUEUED' || document.status === 'PROCESSING';
      const openId = isOpen ? document.requestId : undefined;
      expect(json(documentOf(inviteRequestOf(document)))).toEqual(json({ ...document, ...added, openId }));
    }),
  );
});

test('a request is rebuilt from the event of its link as it was, in any order, and its link keeps its trace', () => {
  fc.assert(
    fc.property(storedRequest, (document) => {
      const request = inviteRequestOf(document);
      fc.pre(request.status === 'DONE');
      const found = rebuilt(undefined, linkCreated(request), request.expiresAt ?? '');
      expect(found?.request).toMatchObject({ inviteLink: request.inviteLink, generation: request.generation });
      expect(inviteLinkOf(found?.told ?? request)).toMatchObject({ traceparent: request.traceparent });
      expect(rebuilt(request, linkCreated(request), '')).toMatchObject({ request, isConflicting: false });
    }),
  );
});

test('a task that is ahead of its request brings it on to its own retry', () => {
  fc.assert(
    fc.property(storedRequest, fc.integer({ min: 6, max: 9 }), (document, retry) => {
      const step = nextStep({ attemptNumber: 1, retry }, inviteRequestOf(document), START_MS);
      fc.pre(step.kind === 'create' || step.kind === 'revoke');
      expect(step.request).toMatchObject({ status: 'PROCESSING', retries: retry });
    }),
  );
});

test('a request that says DONE and has no link still is to get one', () => {
  fc.assert(
    fc.property(storedRequest, (document) => {
      const request = inviteRequestOf({ ...document, status: 'DONE', inviteLink: undefined, replaces: undefined });
      expect(nextStep({ attemptNumber: 99, retry: 9 }, request, START_MS).kind).toBe('create');
    }),
  );
});
