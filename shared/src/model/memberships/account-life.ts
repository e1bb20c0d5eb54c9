import { scheduled } from './due-times.ts';
import { linksRevoked, noted, told, withEffects, withWayBack } from './effects.ts';
import type { Effect } from './membership-effect.ts';
import { belongsInside, isEnded, STRANGERS_LENGTH, type AnyMembership, type Membership } from './membership.ts';
import { withRemoval } from './removal-steps.ts';
import type { MembershipRules } from './standing.ts';
import { stepped } from './steps.ts';

// The account that is bound to a membership, and where it was seen.

/** The account is the only one that is let in from now on. */
export function accountBound(known: Membership, telegramUserId: string, nowMs: number): Membership {
  if (known.telegramUserId === telegramUserId) return known;
  return noted({ ...known, telegramUserId }, { what: 'account bound' }, nowMs);
}

/** To another account of the same person: the old one is not to be inside any more. */
export function moved(
  known: Membership,
  telegramUserId: string,
  by: string,
  rules: MembershipRules,
  nowMs: number,
): Membership {
  const { telegramUserId: before, isAdmitted, enteredBy, requestId, strangers = [] } = known;
  if (before === telegramUserId) return known;
  const blank = {
    ...known,
    presence: 'unknown',
    presenceAt: undefined,
    departure: undefined,
    // Nobody has let the new account in, unless it came by a link of the membership already.
    isAdmitted: strangers.some((each) => each.telegramUserId === telegramUserId),
    strangers: withFormer(known),
  } as const;
  const bound = noted(
    accountBound(blank, telegramUserId, nowMs),
    { what: 'moved to another account', detail: by },
    nowMs,
  );
  const at = new Date(nowMs).toISOString();
  const old: Effect[] =
    before === undefined || !isAdmitted
      ? []
      : [{ kind: 'remove_account', telegramUserId: before, because: 'moved', at }];
  // The purchase gets another link in the place of its own. That of another one opens again when the old account goes.
  const usedLink = enteredBy?.requestId === requestId ? undefined : enteredBy?.requestId;
  return stepped(withWayBack(withEffects(bound, [...linksRevoked([usedLink], 'moved', at), ...old])), rules, nowMs);
}

/** The membership may be moved back to it before it is removed. */
function withFormer({ telegramUserId, isAdmitted, enteredBy, strangers = [] }: Membership): Membership['strangers'] {
  if (telegramUserId === undefined || !isAdmitted || enteredBy === undefined) return strangers;
  return [...strangers, { telegramUserId, ...enteredBy }].slice(-STRANGERS_LENGTH);
}

/** What an update of Telegram says of the bound account. */
export interface SeenPresence {
  readonly presence: 'inside' | 'outside';
  /** Telegram's date. */
  readonly at: string;
  /** inside: by our link or approval; undefined for one who was inside already. */
  readonly isAdmitted?: boolean | undefined;
  /** inside: neither the owner nor an administrator. */
  readonly isRemovable?: boolean | undefined;
  /** outside: how the account went out, or that it is banned; undefined: nobody saw it go. */
  readonly departure?: AnyMembership['departure'];
  /** outside: it was inside until then. */
  readonly hasLeft?: boolean | undefined;
}

export function presenceSeen(known: Membership, seen: SeenPresence, rules: MembershipRules, nowMs: number): Membership {
  const { presence, at } = seen;
  const isAdmitted = seen.isAdmitted ?? known.isAdmitted;
  const person = isAdmitted === known.isAdmitted ? known : { ...known, isAdmitted };
  if (!isNews(known, at)) return person === known ? known : stepped(person, rules, nowMs);
  const later = at === known.presenceAt ? person : { ...person, presenceAt: at };
  if (presence === 'inside') return stepped(seenInside(later, seen, nowMs), rules, nowMs);
  return stepped(seenOutside(later, seen, nowMs), rules, nowMs);
}

function seenInside(known: Membership, { isRemovable }: SeenPresence, nowMs: number): Membership {
  // An administrator who is none any more can be removed.
  const open =
    isRemovable === true && isEnded(known) && known.removal?.state === 'impossible'
      ? withRemoval(known, undefined)
      : known;
  if (open.presence === 'inside') return open;
  const isBack = open.presence === 'outside' && open.departure !== undefined;
  const inside = noted(
    { ...open, presence: 'inside', departure: undefined },
    { what: isBack ? 'came back' : 'came in' },
    nowMs,
  );
  return isBack && belongsInside(inside) ? told(inside, 'MemberRejoined', {}, nowMs) : inside;
}

function seenOutside(known: Membership, { departure, hasLeft }: SeenPresence, nowMs: number): Membership {
  if (known.presence === 'outside') {
    // Banned while outside.
    const isBanned = departure === 'kicked' && known.departure !== 'kicked';
    return isBanned ? noted({ ...known, departure }, { what: departure }, nowMs) : known;
  }
  const wasInside = hasLeft === true || known.presence === 'inside';
  const outside = wentOut(known, departure, nowMs);
  // Our own removals are told by whoever made them.
  return departure === undefined || departure === 'removed' || !wasInside
    ? outside
    : told(outside, 'MemberLeft', { reason: departure }, nowMs);
}

/** Whoever is removed in the moment in which more time was paid for needs another way in. */
function wentOut(known: Membership, departure: AnyMembership['departure'], nowMs: number): Membership {
  const outside = noted({ ...known, presence: 'outside', departure }, { what: departure ?? 'seen outside' }, nowMs);
  return departure === 'removed' ? withWayBack(outside) : outside;
}

/** Updates of several bots say the same; one that is older than what is known says nothing any more. */
function isNews({ presenceAt }: AnyMembership, at: string): boolean {
  return presenceAt === undefined || at >= presenceAt;
}

/** Its task is queued. */
export function removalAsked(known: Membership, rules: MembershipRules, nowMs: number): Membership {
  if (!isEnded(known) || known.removal?.state !== 'due') return known;
  const at = new Date(nowMs).toISOString();
  return scheduled(withRemoval(known, { ...known.removal, state: 'asked', at }), rules, nowMs);
}

/** Telegram has removed the account, or says why it cannot. The same answer again changes nothing. */
export function removalAnswered(
  known: Membership,
  answer: { readonly telegramUserId: string; readonly at: string; readonly problem?: string | undefined },
  rules: MembershipRules,
  nowMs: number,
): Membership {
  const { telegramUserId, problem, at } = answer;
  if (known.telegramUserId !== telegramUserId) return known;
  if (problem !== undefined) return cannotBeRemoved(known, problem, at, rules, nowMs);
  if (known.presence === 'outside' || !isNews(known, at)) return known;
  const seen = { ...known, presenceAt: justAfter(known.presenceAt) };
  return stepped(wentOut(seen, 'removed', nowMs), rules, nowMs);
}

function cannotBeRemoved(
  known: Membership,
  problem: string,
  at: string,
  rules: MembershipRules,
  nowMs: number,
): Membership {
  if (!isEnded(known) || known.removal === undefined || known.removal.state === 'done') return known;
  if (known.removal.state === 'impossible' && known.removal.problem === problem) return known;
  const impossible = withRemoval(known, { ...known.removal, state: 'impossible', at, problem });
  return stepped(noted(impossible, { what: 'removal failed', detail: problem }, nowMs), rules, nowMs);
}

/** Our clock and Telegram's may differ: only Telegram's dates are held against each other. */
export function justAfter(at: string | undefined): string | undefined {
  return at === undefined ? undefined : new Date(Date.parse(at) + 1).toISOString();
}
