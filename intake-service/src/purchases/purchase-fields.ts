import { COMMUNITY_ID_PATTERN, DEFAULT_COMMUNITY } from '@paid-community/shared/model/communities/community.ts';
import { LONGEST_PERIOD } from '@paid-community/shared/model/plans/plan-life.ts';
import { PLAN_ID_PATTERN } from '@paid-community/shared/model/plans/plan.ts';
import { durationMs } from '@paid-community/shared/model/communities/durations.ts';
import type { Issue } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';

/** Telegram's ids of users have at most 52 significant bits: https://core.telegram.org/bots/api#user */
const LARGEST_TELEGRAM_USER_ID = 2 ** 52 - 1;

const TELEGRAM_USER_ID = `the number by which Telegram knows the buyer: digits, at most ${LARGEST_TELEGRAM_USER_ID}`;

/** What somebody who reports a purchase says of it. */
export const purchaseFields = {
  // WebEngage's own limits: a user id of at most 100 characters, event attributes under 1,000. What it would refuse
  // later is refused here; everything else is kept as it came, blanks and control characters too.
  userId: Type.String({
    minLength: 1,
    maxUtf16Units: 100,
    format: 'unicode',
    pattern: '\\S',
    description: 'more than blanks',
    orInteger: true,
  }),
  transactionId: Type.Optional(Type.String({ maxUtf16Units: 999, format: 'unicode', orInteger: true })),
  communityId: Type.Optional(
    Type.String({
      pattern: COMMUNITY_ID_PATTERN,
      description: `the id of a connected community: 1 to 40 of a-z, 0-9 and -; "${DEFAULT_COMMUNITY}" by default`,
    }),
  ),
  planId: Type.Optional(
    Type.String({
      pattern: PLAN_ID_PATTERN,
      description:
        'the id of the plan that was bought: 1 to 60 of A-Z, a-z, 0-9, _ and -; it opens all communities of the plan',
    }),
  ),
  telegramUserId: Type.Optional(
    Type.String({ pattern: '^[1-9]\\d{0,15}$', description: TELEGRAM_USER_ID, orInteger: true }),
  ),
  // What mail programs agree on, and nothing that could begin another header.
  email: Type.Optional(
    Type.String({
      maxLength: 254,
      format: 'unicode',
      pattern:
        '^[^\\s\\u0000-\\u001f\\u007f@<>"(),:;\\[\\]\\\\]+@[^\\s\\u0000-\\u001f\\u007f@<>"(),:;\\[\\]\\\\.]+(\\.[^\\s\\u0000-\\u001f\\u007f@<>"(),:;\\[\\]\\\\.]+)+$',
      description: 'an e-mail address such as ada@example.com',
    }),
  ),
  endsAt: Type.Optional(
    Type.String({
      pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})$',
      format: 'date-time',
      description:
        'an ISO 8601 time with its zone such as 2030-01-31T18:30:00Z or 2030-02-01T00:00:00+05:30: it is paid until then, whatever the period of the plan',
    }),
  ),
};

/** What the schema cannot say. */
export function checkAccount({ telegramUserId }: { readonly telegramUserId?: string }): readonly Issue[] {
  if (telegramUserId === undefined || Number(telegramUserId) <= LARGEST_TELEGRAM_USER_ID) return [];
  return [{ path: '/telegramUserId', message: `must be ${TELEGRAM_USER_ID}` }];
}

/** Undefined when it is a time for which somebody can have paid now. */
export function faultOfEnd(endsAt: string, nowMs: number): Issue | undefined {
  const endMs = Date.parse(endsAt);
  if (endMs > nowMs && endMs <= nowMs + durationMs(LONGEST_PERIOD, nowMs)) return undefined;
  return { path: '/endsAt', message: 'must be a time to come, at most 100 years ahead' };
}
