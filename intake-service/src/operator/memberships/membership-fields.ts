import { DURATION_PATTERN } from '@paid-community/shared/model/communities/durations.ts';
import { Type } from 'typebox';

/** Input field of an operation on one membership. */
export const membershipField = {
  membershipId: Type.String({
    pattern: '^[0-9a-f]{32}$',
    description: 'the id of a membership: 32 of 0-9 and a-f, as memberships find shows it',
  }),
};

export const telegramUserIdField = Type.String({
  pattern: '^[1-9]\\d{0,18}$',
  description: 'the number by which Telegram knows the account',
});

export const userIdField = Type.String({
  minLength: 1,
  maxLength: 100,
  format: 'unicode',
  description: 'as the seller knows the person',
});

export const endField = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})$',
  format: 'date-time',
  description: 'a time of RFC 3339, such as 2027-01-01T00:00:00Z or 2027-01-01T05:30:00+05:30',
});

export const periodField = Type.String({
  pattern: `${DURATION_PATTERN}|^lifetime$`,
  description: 'an ISO 8601 duration such as P1M or P30D, or lifetime',
});
