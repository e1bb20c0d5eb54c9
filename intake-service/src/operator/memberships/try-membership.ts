import { randomBytes } from 'node:crypto';
import { changed } from '@paid-community/shared/model/communities/community-life.ts';
import { DURATION_PATTERN, durationMs } from '@paid-community/shared/model/communities/durations.ts';
import { membershipIdOf } from '@paid-community/shared/model/memberships/membership.ts';
import { Type } from 'typebox';
import { acceptPurchase } from '../../purchases/accept-purchase.ts';
import { communityField } from '../communities/community-field.ts';
import { readToChange } from '../communities/read-community.ts';
import { requireConnected } from '../communities/require-connected.ts';
import { requireRights } from '../communities/require-rights.ts';
import { defineOperation } from '../http/operation.ts';
import { invalidArguments } from '../http/invalid-arguments.ts';

/** Somebody waits for its end. */
const LONGEST = 'P1D';

export const tryMembership = defineOperation({
  action: 'memberships.try',
  method: 'POST',
  path: '/communities/:communityId/try',
  refusals: ['not_found', 'conflict'],
  summary:
    'A test journey: a purchase with a real link, whose time is over soon. Whoever comes in by it is removed at the end, also where nobody else is, and all its data goes. Each event of it says that it is a test, and nothing counts it.',
  input: Type.Object(
    {
      ...communityField,
      period: Type.String({
        pattern: DURATION_PATTERN,
        description: `an ISO 8601 duration such as PT2M, at most ${LONGEST}`,
      }),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    requestId: Type.String(),
    membershipId: Type.String(),
    userId: Type.String({ description: 'made up for this journey' }),
    endsAt: Type.String(),
  }),
  logged: ({ communityId, period }, answer) => ({ communityId, period, requestId: answer?.requestId }),
  run: async ({ communityId, period }, call) => {
    const now = call.clock.now();
    const lengthMs = durationMs(period, now);
    if (!(lengthMs > 0 && lengthMs <= durationMs(LONGEST, now)))
      throw invalidArguments({ path: '/period', message: `must be longer than nothing, and at most ${LONGEST}` });
    await requireConnected(communityId, call.store);
    const { known } = await readToChange(communityId, call);
    await requireRights(changed(known, { removal: 'on' }, known.updatedAt), call);
    const userId = `try-${randomBytes(8).toString('hex')}`;
    const endsAt = new Date(call.clock.now() + lengthMs).toISOString();
    const buyer = { communityIds: [communityId], userId, transactionId: userId } as const;
    const purchase = { ...buyer, endsAt, makesMembership: true, test: true } as const;
    const [{ requestId }] = await acceptPurchase(purchase, call.traceparent, call);
    return { requestId, membershipId: membershipIdOf(communityId, { userId }), userId, endsAt };
  },
});
