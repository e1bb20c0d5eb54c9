import type { MembershipEventType, MembershipFacts } from './membership-event-types.ts';
import { factsOf } from './membership-facts.ts';
import type { Effect } from './membership-effect.ts';
import { HISTORY_LENGTH, isEnded, type Membership } from './membership.ts';

// What a change of a membership brings about: what is to be told and done, and what its history says.

export function told<M extends Membership>(
  known: M,
  type: MembershipEventType,
  facts: Partial<MembershipFacts>,
  nowMs: number,
): M {
  const generation = known.eventCount + 1;
  const time = new Date(nowMs).toISOString();
  const event: Effect = { kind: 'publish', type, generation, time, facts: { ...factsOf(known), ...facts } };
  return { ...known, effects: [...known.effects, event], eventCount: generation };
}

export function withEffects<M extends Membership>(known: M, effects: readonly Effect[]): M {
  const added = effects.filter((effect) => effect.kind !== 'revoke_link' || !isRevoked(known, effect.requestId));
  return added.length === 0 ? known : { ...known, effects: [...known.effects, ...added] };
}

/** For another reason already, and no other link was asked for since. */
function isRevoked({ effects }: Membership, requestId: string): boolean {
  const last = effects.findLast(
    (effect) => (effect.kind === 'revoke_link' || effect.kind === 'make_link') && effect.requestId === requestId,
  );
  return last?.kind === 'revoke_link';
}

/** At that time nobody is to come in by the links of these purchases any more. */
export function linksRevoked(requestIds: readonly (string | undefined)[], because: string, at: string): Effect[] {
  return [...new Set(requestIds)].flatMap((requestId) =>
    requestId === undefined ? [] : [{ kind: 'revoke_link', requestId, because, at }],
  );
}

/** Whoever may be inside and is not gets another link. What an administrator did is not undone. */
export function withWayBack(known: Membership): Membership {
  const { requestId, presence, departure } = known;
  if (isEnded(known) || presence === 'inside' || departure === 'kicked' || requestId === undefined) return known;
  const generation = known.eventCount + 1;
  return withEffects({ ...known, eventCount: generation }, [{ kind: 'make_link', requestId, generation }]);
}

export function noted<M extends Membership>(
  known: M,
  { what, detail }: { readonly what: string; readonly detail?: string | undefined },
  nowMs: number,
): M {
  const at = new Date(nowMs).toISOString();
  return { ...known, updatedAt: at, history: [...known.history, { at, what, detail }].slice(-HISTORY_LENGTH) };
}
