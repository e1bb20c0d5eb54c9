import fc from 'fast-check';
import { Type, type TSchema } from 'typebox';
import { compileValidator } from '../../../platform/validation/validator.ts';
import type { InviteRequestDocument } from '../invite-request.ts';
import { ATTEMPT_HISTORY, ATTEMPT_MESSAGE_CHARACTERS } from '../../operations/attempts.ts';
import type { InviteRequest } from '../request-states.ts';

export const START_MS = Date.parse('2026-01-01T00:00:00.000Z');

export const iso = (ms: number): string => new Date(ms).toISOString();

// The test's own view of a stored request: what each state may hold, and nothing else.

const time = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' });
const link = Type.String({ pattern: '^https://t\\.me/\\+' });
const error = {
  code: Type.String(),
  message: Type.String({ maxLength: ATTEMPT_MESSAGE_CHARACTERS, format: 'unicode' }),
};
const exactly = (properties: Record<string, TSchema>): TSchema =>
  Type.Object(properties, { additionalProperties: false });
const replaced = {
  inviteLink: link,
  botId: Type.Optional(Type.String()),
  createdAt: time,
  because: Type.Optional(Type.Literal('expired')),
};

const inAnyState = {
  requestId: Type.Literal('r1'),
  userId: Type.String(),
  transactionId: Type.String(),
  communityId: Type.String(),
  attempts: Type.Integer({ minimum: 0 }),
  createdAt: time,
  updatedAt: time,
  traceparent: Type.String(),
  retries: Type.Optional(Type.Integer({ minimum: 1 })),
  // 50 by reissues, and one for each life after an erasure.
  generation: Type.Optional(Type.Integer({ minimum: 2, maximum: 80 })),
  failures: Type.Optional(Type.Array(exactly({ at: time, ...error }), { minItems: 1, maxItems: ATTEMPT_HISTORY })),
  earlierLinks: Type.Optional(Type.Array(exactly({ ...replaced, revokedAt: time }), { minItems: 1, maxItems: 49 })),
  telegramChatId: Type.Optional(Type.String()),
  poolLinkId: Type.Optional(Type.String({ pattern: '^[0-9a-f]{32}$' })),
  botId: Type.Optional(Type.String()),
  erased: Type.Optional(exactly({ at: time, times: Type.Integer({ minimum: 1 }), generation: Type.Integer() })),
  expiresAt: Type.Optional(time),
};
const unsettled = { lastError: Type.Optional(exactly(error)), replaces: Type.Optional(exactly(replaced)) };

/** While there is no link yet. */
const unlinked = { openId: Type.Literal('r1') };

const validators = {
  QUEUED: compileValidator(exactly({ ...inAnyState, ...unlinked, status: Type.Literal('QUEUED') })),
  PROCESSING: compileValidator(
    exactly({
      ...inAnyState,
      ...unlinked,
      ...unsettled,
      status: Type.Literal('PROCESSING'),
      nextAttemptAt: Type.Optional(time),
    }),
  ),
  FAILED: compileValidator(
    exactly({ ...inAnyState, ...unsettled, status: Type.Literal('FAILED'), failedAt: Type.Optional(time) }),
  ),
  DONE: compileValidator(
    exactly({
      ...inAnyState,
      status: Type.Literal('DONE'),
      inviteLink: link,
      linkCreatedAt: time,
      linkExpiresAt: Type.Optional(time),
      asksForApproval: Type.Optional(Type.Literal(true)),
      linkRevokedAt: Type.Optional(time),
      linkRevokedBecause: Type.Optional(Type.String()),
    }),
  ),
  NOT_NEEDED: compileValidator(
    exactly({ ...inAnyState, status: Type.Literal('NOT_NEEDED'), notNeededBecause: Type.String() }),
  ),
  ERASED: compileValidator(
    exactly({
      ...inAnyState,
      status: Type.Literal('ERASED'),
      userId: Type.Literal(''),
      generation: Type.Integer({ minimum: 1, maximum: 80 }),
      erased: exactly({ at: time, times: Type.Integer({ minimum: 1 }), generation: Type.Integer() }),
    }),
  ),
};

/** What is wrong with a request as it would be stored; empty when nothing is. */
export function issuesOf(stored: unknown, status: InviteRequest['status']): readonly unknown[] {
  const result = validators[status](stored);
  return result.valid ? [] : result.issues;
}

const when = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((ms) => iso(START_MS + ms));
const failure = fc.record({ code: fc.constant('telegram_400'), message: fc.string({ maxLength: 20 }) });
const absentOr = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

/** A request as this version or an earlier one has stored it, in any state. */
export const storedRequest: fc.Arbitrary<InviteRequestDocument> = fc
  .record({
    status: fc.constantFrom(
      'QUEUED' as const,
      'PROCESSING' as const,
      'FAILED' as const,
      'DONE' as const,
      'NOT_NEEDED' as const,
      'ERASED' as const,
    ),
    attempts: fc.nat(12),
    at: when,
    retries: absentOr(fc.integer({ min: 1, max: 5 })),
    generation: absentOr(fc.oneof(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 2, max: 50 }))),
    failures: fc.array(fc.record({ at: when, error: failure }), { maxLength: ATTEMPT_HISTORY }),
    earlier: fc.nat(3),
    replaces: fc.boolean(),
    lastError: absentOr(failure),
    due: absentOr(when),
    // Absent in those of an older version.
    openId: absentOr(fc.constant('r1')),
    chat: absentOr(fc.constant('-1001')),
    bot: absentOr(fc.constant('7')),
    erasedBefore: absentOr(fc.integer({ min: 1, max: 3 })),
    expiresAt: absentOr(when),
    asks: absentOr(fc.constant(true as const)),
    revokedAt: absentOr(when),
  })
  .map((drawn) => {
    const { status, attempts, at, generation, retries, chat: telegramChatId, expiresAt, erasedBefore } = drawn;
    const number = generation ?? 1;
    const common = { requestId: 'r1', createdAt: at, updatedAt: at, expiresAt, retries, attempts } as const;
    const isReplacing = drawn.replaces && number > 1 && (status === 'PROCESSING' || status === 'FAILED');
    const links = Array.from({ length: Math.min(drawn.earlier, number - (isReplacing ? 2 : 1)) }, (_, index) => ({
      inviteLink: `https://t.me/+earlier${index}`,
      createdAt: at,
      revokedAt: at,
    }));
    const [firstFailure, ...failures] = drawn.failures.map(({ at: failedAt, error: its }) => ({
      at: failedAt,
      ...its,
    }));
    const [firstLink, ...otherLinks] = links;
    const person = { userId: 'u', transactionId: 't', communityId: 'default', traceparent: '00-a-b-01' };
    const bought: Omit<InviteRequestDocument, 'status'> = {
      ...common,
      ...person,
      generation,
      telegramChatId,
      botId: drawn.bot,
      failures: firstFailure === undefined ? undefined : [firstFailure, ...failures],
      earlierLinks: firstLink === undefined ? undefined : [firstLink, ...otherLinks],
      erased: erasedBefore === undefined || number === 1 ? undefined : { at, times: erasedBefore, generation: 1 },
    };
    const replaces = isReplacing
      ? { inviteLink: 'https://t.me/+replaced', botId: drawn.bot, createdAt: at }
      : undefined;
    switch (status) {
      case 'QUEUED':
        return { ...bought, status, openId: drawn.openId };
      case 'PROCESSING':
        return {
          ...bought,
          status,
          replaces,
          lastError: drawn.lastError,
          nextAttemptAt: drawn.due,
          openId: drawn.openId,
        };
      case 'FAILED':
        return { ...bought, status, replaces, lastError: drawn.lastError, failedAt: drawn.due };
      case 'DONE':
        return {
          ...bought,
          status,
          inviteLink: 'https://t.me/+present',
          linkCreatedAt: at,
          linkExpiresAt: drawn.due,
          asksForApproval: drawn.asks,
          linkRevokedAt: drawn.revokedAt,
          linkRevokedBecause: drawn.revokedAt === undefined ? undefined : 'expired',
        };
      case 'NOT_NEEDED':
        return { ...bought, status, notNeededBecause: 'inside' };
      case 'ERASED':
        return {
          ...common,
          userId: '',
          transactionId: '',
          communityId: 'default',
          traceparent: '',
          attempts: 0,
          status,
          // Tombstones of an older version have less.
          generation: erasedBefore === undefined ? undefined : number,
          erased: erasedBefore === undefined ? undefined : { at, times: erasedBefore, generation: number },
        };
    }
  });
