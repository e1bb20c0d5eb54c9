import { noted } from './effects.ts';
import type { AnyMembership, Membership } from './membership.ts';
import { rulesFor, type MembershipRules } from './standing.ts';
import { stepped } from './steps.ts';

/**
 * Whether an account may be inside that is to be removed, now or at the end. Without the membership nobody would know
 * of it: whom we did not let in is never removed.
 */
export function mayStayInside(known: Membership, rules: MembershipRules): boolean {
  const { telegramUserId, isAdmitted, exempt, presence, effects } = known;
  if (rulesFor(known, rules).removal === 'off') return false;
  const isInside = telegramUserId !== undefined && isAdmitted && !exempt && presence !== 'outside';
  return isInside || effects.some(({ kind }) => kind === 'remove_account');
}

/** The account that is bound belongs to a person who is erased, and the membership to somebody else. */
export function accountErased(
  known: Membership,
  telegramUserId: string,
  rules: MembershipRules,
  nowMs: number,
): Membership {
  if (known.telegramUserId !== telegramUserId) return known;
  const nobody: AnyMembership = {
    ...known,
    telegramUserId: undefined,
    presence: 'unknown',
    presenceAt: undefined,
    departure: undefined,
    enteredBy: undefined,
    isAdmitted: false,
  };
  return stepped(noted({ ...known, ...nobody }, { what: 'account erased' }, nowMs), rules, nowMs);
}
