import { entryRefusal } from './entry-refusal.ts';
import { accountBound, justAfter, presenceSeen, type SeenPresence } from './account-life.ts';
import { linksRevoked, noted, told, withEffects, withWayBack } from './effects.ts';
import { newMembership } from './membership-life.ts';
import { scheduled } from './due-times.ts';
import { stepped } from './steps.ts';
import type { MembershipRules } from './standing.ts';
import { isEnded, STRANGERS_LENGTH, type Membership, type Stranger } from './membership.ts';

// Who comes in by the links of a membership's purchases. The first account is bound; nobody else is let in.

/** For so long Telegram's answer may be older than its updates. */
export const LOOK_CACHED_MS = 1_800_000;

export interface CameByLink extends Stranger {
  /** The other purchases of the membership: with the person inside, nobody is to use their links. */
  readonly otherRequests: readonly string[];
  /** The link that was used lets nobody else in, even when the person leaves. */
  readonly revokesLink: boolean;
  readonly removesStrangers: boolean;
}

/**
 * Somebody came by the link of a purchase before its grant did: so that only one account is bound, the membership is
 * made already. `telegramUserId`: the buyer's account, where it came with the purchase.
 */
export function knownByLink(
  of: Parameters<typeof newMembership>[0] & { readonly telegramUserId?: string | undefined },
  nowMs: number,
): Membership {
  const { telegramUserId } = of;
  const membership = newMembership(of, nowMs);
  return telegramUserId === undefined ? membership : accountBound(membership, telegramUserId, nowMs);
}

/** Undefined: it is the bound account, or the first one. */
function isStranger({ telegramUserId }: Membership, account: string): boolean {
  return telegramUserId !== undefined && telegramUserId !== account;
}

/** Whether this entry is known already: several bots tell of each, and any number of times. */
export function isKnownEntry(known: Membership, { telegramUserId, at }: Stranger): boolean {
  return isStranger(known, telegramUserId)
    ? known.strangers?.some((each) => each.telegramUserId === telegramUserId && each.at >= at) === true
    : known.telegramUserId === telegramUserId && known.enteredBy !== undefined && known.enteredBy.at >= at;
}

/** An account came in by the link of a purchase. */
export function cameByLink(known: Membership, came: CameByLink, rules: MembershipRules, nowMs: number): Membership {
  const { telegramUserId, requestId, at, otherRequests, revokesLink } = came;
  if (isStranger(known, telegramUserId)) return strangerCame(known, came, rules, nowMs);
  const bound = accountBound(known, telegramUserId, nowMs);
  const inside = presenceSeen(bound, { presence: 'inside', at, isAdmitted: true }, rules, nowMs);
  if (isKnownEntry(known, came)) return inside;
  // Whoever comes in after the end comes in by a link that should let nobody in.
  const useless = revokesLink || isEnded(inside) ? [...otherRequests, requestId] : otherRequests;
  const entered = withEffects(
    { ...inside, enteredBy: { requestId, at }, earlierRequests: undefined },
    linksRevoked(useless, 'joined', at),
  );
  return scheduled(entered, rules, nowMs);
}

function strangerCame(known: Membership, came: CameByLink, rules: MembershipRules, nowMs: number): Membership {
  if (isKnownEntry(known, came)) return known;
  const { telegramUserId, requestId, at, removesStrangers } = came;
  const strangers = [...(known.strangers ?? []), { telegramUserId, requestId, at }].slice(-STRANGERS_LENGTH);
  const next = told(
    noted({ ...known, strangers }, { what: 'another account came by its link' }, nowMs),
    'WrongPersonJoined',
    { telegramUserId, requestId },
    nowMs,
  );
  const because = 'wrong_person';
  const effects = removesStrangers
    ? [...linksRevoked([requestId], because, at), { kind: 'remove_account', telegramUserId, because, at } as const]
    : [];
  return scheduled(withEffects(next, effects), rules, nowMs);
}

interface LookedFor {
  readonly telegramUserId: string;
  /** banned: outside, and an administrator lets the person in no more. */
  readonly place: 'inside' | 'outside' | 'banned';
}

/**
 * Telegram was asked where the account is, because an update may be lost. It may answer what was so half an hour ago
 * (CHANNEL_PARTICIPANT_CACHE_TIME of tdlib/td): an update that still comes counts more, so the time stays before it.
 */
function lookedFor(known: Membership, seen: LookedFor, rules: MembershipRules, nowMs: number): Membership {
  const { telegramUserId, place } = seen;
  if (known.telegramUserId !== telegramUserId) return known;
  const at = justAfter(known.presenceAt) ?? new Date(nowMs - LOOK_CACHED_MS).toISOString();
  const departure = place === 'banned' ? 'kicked' : undefined;
  const presence = place === 'inside' ? place : 'outside';
  return presence === known.presence ? known : presenceSeen(known, { presence, at, departure }, rules, nowMs);
}

/** Somebody who asks for a link again was looked for. Whoever has paid and is out gets one. */
export function lookedForAgain(known: Membership, seen: LookedFor, rules: MembershipRules, nowMs: number): Membership {
  const now = lookedFor(known, seen, rules, nowMs);
  return now === known ? known : scheduled(withWayBack(now), rules, nowMs);
}

/** What is told of somebody's way in and out. */
const OF_PRESENCE = new Set(['MemberLeft', 'MemberRejoined']);

/** An event of the past says what the store does not know any more: who came in by a link, or went out. */
export function restoredFromEvent(
  known: Membership,
  told: SeenPresence & { readonly telegramUserId: string; readonly requestId?: string | undefined },
  rules: MembershipRules,
  nowMs: number,
): Membership {
  const { telegramUserId, requestId, at } = told;
  // It may have been moved to another account since.
  if (isStranger(known, telegramUserId)) return known;
  const bound = accountBound(known, telegramUserId, nowMs);
  const isLater = requestId !== undefined && (known.enteredBy === undefined || known.enteredBy.at < at);
  const seen = presenceSeen(isLater ? { ...bound, enteredBy: { requestId, at } } : bound, told, rules, nowMs);
  // It was told then.
  const effects = seen.effects.filter((effect) => effect.kind !== 'publish' || !OF_PRESENCE.has(effect.type));
  return seen === known ? known : scheduled({ ...seen, effects }, rules, nowMs);
}

export interface AnsweredRequest {
  readonly membership: Membership;
  /** Why the account is not let in; undefined: it is. */
  readonly refusal: string | undefined;
}

/** An account asks to be let in, by the link of a purchase or as the bound one. The first one to be let in is bound. */
export function askedToJoin(
  known: Membership,
  telegramUserId: string,
  rules: MembershipRules,
  nowMs: number,
): AnsweredRequest {
  const membership = stepped(known, rules, nowMs);
  const refusal = entryRefusal(membership, telegramUserId);
  return { membership: refusal === undefined ? accountBound(membership, telegramUserId, nowMs) : membership, refusal };
}
