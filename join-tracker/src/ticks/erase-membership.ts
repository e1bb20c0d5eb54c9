import { grantsOf } from '@paid-community/shared/memberships/grants-of.ts';
import { grants } from '@paid-community/shared/model/memberships/grant.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { isToBeErased } from '@paid-community/shared/model/memberships/due-times.ts';
import { erased } from '@paid-community/shared/model/memberships/membership-life.ts';
import type { MembershipRules } from '@paid-community/shared/model/memberships/standing.ts';
import { memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { changeDocument, withWrites } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { deleteDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { MembershipWork } from '../memberships/membership-work.ts';

/** Two writes each, in a commit of 500 at most. */
const GRANTS_AT_ONCE = 200;

/**
 * Erases a membership with its grants and joins, if its time has come. Somebody who pays in the same moment has a
 * membership: one of the two reads again.
 */
export async function eraseMembership(
  { membershipId }: Membership,
  rules: MembershipRules,
  { store, clock, log }: MembershipWork,
): Promise<void> {
  const now = await changeDocument(store, memberships, membershipId, async (known) => {
    if (known === undefined || !isToBeErased(known, rules, clock.now())) return undefined;
    const given = await grantsOf(membershipId, store);
    const writes = given
      .slice(0, GRANTS_AT_ONCE)
      .flatMap(({ grantId }) => [deleteDocument(grants, grantId), deleteDocument(joins, grantId)]);
    // The next tick goes on.
    return withWrites(given.length > GRANTS_AT_ONCE ? undefined : erased(known), writes);
  });
  if (now?.expiresAt !== undefined)
    log.info({ membershipId }, 'a membership was erased: its community keeps it no longer');
}
