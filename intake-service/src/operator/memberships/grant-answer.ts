import type { Grant } from '@paid-community/shared/model/memberships/grant.ts';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static } from 'typebox';

export const GrantAnswer = Type.Object({
  grantId: Type.String({ description: 'of a purchase its requestId' }),
  kind: Type.Enum(['purchase', 'import', 'extension']),
  transactionId: Type.String(),
  planId: Type.Optional(Type.String()),
  from: Type.String(),
  period: Type.Optional(Type.String()),
  endsAt: Type.Optional(Type.String({ description: 'beats the period; with neither, it has no end' })),
  refunds: Type.Optional(
    Type.Array(
      Type.Object({ at: Type.String(), amount: Type.Optional(Type.String()), reason: Type.Optional(Type.String()) }),
      { description: 'without an amount: all of it' },
    ),
  ),
  dispute: Type.Optional(Type.Object({ state: Type.Enum(['open', 'won', 'lost']), at: Type.String() })),
});

export function describeGrant(grant: Grant): Written<Static<typeof GrantAnswer>> {
  const { grantId, kind, transactionId, planId, from, period, endsAt, refunds, dispute } = grant;
  return { grantId, kind, transactionId, planId, from, period, endsAt, refunds, dispute };
}
