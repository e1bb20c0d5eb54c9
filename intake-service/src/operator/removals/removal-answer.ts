import type { EndedMembership } from '@paid-community/shared/model/memberships/membership.ts';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static } from 'typebox';

export const RemovalAnswer = Type.Object({
  status: Type.Enum(['due', 'held', 'asked', 'dry_run', 'impossible', 'done'], {
    description:
      'due = goes by the next tick; held = waits for an operator; asked = Telegram is being asked; dry_run = would go; impossible = Telegram does not allow it; done = is out',
  }),
  reason: Type.String({ description: 'why the membership ended; of an impossible one, why it is impossible' }),
  since: Type.String({ description: 'when the membership ended: removals go in this order' }),
});

export function describeRemoval(
  ended: Pick<EndedMembership, 'removal' | 'endReason'> | undefined,
  heldSince: string | undefined,
): Written<Static<typeof RemovalAnswer>> | undefined {
  if (ended?.removal === undefined) return undefined;
  const { state, since, problem } = ended.removal;
  const status = state === 'due' && heldSince !== undefined ? 'held' : state;
  return { status, reason: problem ?? ended.endReason, since };
}
