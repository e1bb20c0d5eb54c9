import { emissions } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { grants } from '@paid-community/shared/model/memberships/grant.ts';
import { joins, unmatchedJoins } from '@paid-community/shared/model/memberships/join.ts';
import { memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import { Type, type Static } from 'typebox';

/** How many documents an erasure has removed or emptied, by collection; and how many MESSAGES it has removed. */
export type Erased = Readonly<Record<string, number>>;

export const MESSAGES = 'messages';

export function sumErased(parts: readonly Erased[]): Erased {
  const sum: Record<string, number> = {};
  for (const part of parts) for (const [name, count] of Object.entries(part)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

const Count = Type.Integer();

/** The same in the words of the answer. */
export const ErasedCounts = Type.Object({
  requests: Count,
  links: Count,
  joins: Count,
  unmatchedJoins: Count,
  memberships: Count,
  grants: Count,
  ledgerEntries: Count,
  deadLetters: Count,
  messages: Count,
});

export function countsOf(erased: Erased): Static<typeof ErasedCounts> {
  const countOf = (name: string): number => erased[name] ?? 0;
  return {
    requests: countOf(inviteRequests.name),
    links: countOf(inviteLinks.name),
    joins: countOf(joins.name),
    unmatchedJoins: countOf(unmatchedJoins.name),
    memberships: countOf(memberships.name),
    grants: countOf(grants.name),
    ledgerEntries: countOf(emissions.name),
    deadLetters: countOf(deadLetters.name),
    messages: countOf(MESSAGES),
  };
}
