import { settleEffects, storeChange } from '@paid-community/shared/memberships/change-membership.ts';
import { grantsOf } from '@paid-community/shared/memberships/grants-of.ts';
import { foldGrants, type Fold } from '@paid-community/shared/model/memberships/covered-time.ts';
import type { Grant } from '@paid-community/shared/model/memberships/grant.ts';
import type { MembershipRules } from '@paid-community/shared/model/memberships/standing.ts';
import type { Membership } from '@paid-community/shared/model/memberships/membership.ts';
import type { Snapshot, Write } from '@paid-community/shared/platform/ports/document-store.ts';
import { readRules } from '../communities/read-community.ts';
import type { OperatorCall } from '../http/operation.ts';

export interface WhatIsKnown {
  readonly known: Membership | undefined;
  readonly rules: MembershipRules;
  readonly nowMs: number;
  readonly grants: () => Promise<readonly Grant[]>;
  readonly fold: (grants: readonly Grant[], revokedAt: string | undefined) => Fold;
}

export type Change = Membership | { readonly membership: Membership; readonly writes: readonly Write[] } | undefined;

/**
 * Changes a membership by a transition, at once. Once it is stored it is done: what it brings about and cannot be told
 * now is told by the next tick, and is no failure of the operator's call.
 * @throws what `change` throws, and as the store
 */
export async function changeAsOperator(
  from: string | Snapshot<Membership>,
  communityId: string,
  change: (seen: WhatIsKnown) => Change | Promise<Change>,
  call: OperatorCall,
): Promise<Membership | undefined> {
  const { store, log, traceparent } = call;
  const rules = await readRules(communityId, store);
  const id = typeof from === 'string' ? from : from.id;
  const changed = await storeChange(from, (known) => change(whatIsKnown(id, known, rules, call)), rules, store);
  if (changed === undefined) return undefined;
  const deps = { ...call, rulesOf: (id: string) => readRules(id, store) };
  return settleEffects(changed, rules, traceparent, deps).catch((error: unknown) => {
    log.warn({ error, membershipId: changed.membershipId }, 'a change of a membership is told by the next tick');
    return changed;
  });
}

export function whatIsKnown(
  membershipId: string,
  known: Membership | undefined,
  rules: MembershipRules,
  { store, clock }: OperatorCall,
): WhatIsKnown {
  return {
    known,
    rules,
    nowMs: clock.now(),
    grants: () => grantsOf(membershipId, store),
    fold: (grants, revokedAt) => foldGrants(grants, revokedAt, rules),
  };
}
