import { withoutState, type DoneRequest, type QueuedRequest } from './request-states.ts';
import { retiringLinkId, shardOf } from './pool-link.ts';
import type { AvailablePoolLink, RetiredBecause, RetiringPoolLink, TakenPoolLink } from './pool-link.ts';

// Transitions. Each takes the states in which it is allowed, so that no other compiles. None changes what it is given.

/** What is known of a link once Telegram has made it. */
export type NewPoolLink = Omit<AvailablePoolLink, 'state' | 'expiresAt'>;

/** How long a link may be used: how long it may wait in the pool, and how long its buyer may take. */
export interface PoolTimes {
  readonly maxAgeMs: number;
  /** Undefined: for ever. */
  readonly linkTtlMs: number | undefined;
}

/** It is recorded, and can be given from now on. Its document ends with the link, if no purchase takes it. */
export function madeAvailable(link: NewPoolLink): AvailablePoolLink {
  return { ...link, state: 'AVAILABLE', expiresAt: link.telegramExpiresAt };
}

/** A time to use a link of a month, as it is now, may be longer when the link is given. */
const MONTHS_DIFFER_MS = 3 * 24 * 3_600_000;

/**
 * The end of a new link at Telegram, in whole seconds, as Telegram counts: a buyer who gets it on its last day has the
 * whole time to use it.
 */
export function farEnd({ maxAgeMs, linkTtlMs }: PoolTimes, nowMs: number): Date | undefined {
  return linkTtlMs === undefined
    ? undefined
    : new Date(Math.ceil((nowMs + maxAgeMs + linkTtlMs + MONTHS_DIFFER_MS) / 1_000) * 1_000);
}

/** Whether a buyer who gets it now can use it for as long as is promised. */
export function canBeGiven({ madeAt, telegramExpiresAt }: AvailablePoolLink, times: PoolTimes, nowMs: number): boolean {
  const { maxAgeMs, linkTtlMs } = times;
  if (nowMs - Date.parse(madeAt) >= maxAgeMs) return false;
  if (telegramExpiresAt === undefined) return true;
  return linkTtlMs !== undefined && nowMs + linkTtlMs <= Date.parse(telegramExpiresAt);
}

/** A purchase takes the link: both are written in one commit, or neither. */
export function given(
  link: AvailablePoolLink,
  linkId: string,
  request: QueuedRequest,
  { linkTtlMs, nowMs }: { readonly linkTtlMs: number | undefined; readonly nowMs: number },
): { readonly link: TakenPoolLink; readonly request: DoneRequest } {
  const at = new Date(nowMs).toISOString();
  const end = linkTtlMs === undefined ? undefined : new Date(Math.floor((nowMs + linkTtlMs) / 1_000) * 1_000);
  const { inviteLink, telegramChatId, botId } = link;
  return {
    link: {
      ...link,
      state: 'TAKEN',
      requestId: request.requestId,
      takenAt: at,
      revokeAt: end?.toISOString(),
      expiresAt: request.expiresAt,
    },
    request: {
      ...withoutState(request),
      status: 'DONE',
      updatedAt: at,
      inviteLink,
      telegramChatId,
      botId,
      poolLinkId: linkId,
      linkCreatedAt: at,
      linkExpiresAt: end?.toISOString(),
    },
  };
}

/** Nobody may use it any more. It is to be revoked at once. */
export function retired(
  link: AvailablePoolLink | TakenPoolLink,
  because: RetiredBecause,
  nowMs: number,
): RetiringPoolLink {
  const { communityId, shard, sequence, inviteLink, botId, telegramChatId, madeAt, telegramExpiresAt } = link;
  const at = new Date(nowMs).toISOString();
  return {
    communityId,
    shard,
    sequence,
    inviteLink,
    botId,
    telegramChatId,
    madeAt,
    telegramExpiresAt,
    state: 'RETIRING',
    because,
    retiredAt: at,
    revokeAt: at,
    expiresAt: telegramExpiresAt,
  };
}

/** The same for a link that a purchase had and that never was in the pool. Its id is `retiringLinkId(inviteLink)`. */
export function retiredOutsidePool(
  link: Pick<RetiringPoolLink, 'communityId' | 'inviteLink' | 'botId' | 'telegramChatId' | 'madeAt'>,
  {
    because,
    expiresAt,
    nowMs,
  }: { readonly because: RetiredBecause; readonly expiresAt: string; readonly nowMs: number },
): RetiringPoolLink {
  const at = new Date(nowMs).toISOString();
  const shard = shardOf(retiringLinkId(link.inviteLink));
  return { ...link, shard, sequence: 0, state: 'RETIRING', because, retiredAt: at, revokeAt: at, expiresAt };
}

/** The end of the buyer's time has passed: the link was used, or is revoked. */
export function ended(link: TakenPoolLink): TakenPoolLink {
  return { ...link, revokeAt: undefined };
}

/** A link that is to be revoked, and could not be yet: the next attempt is due at that time. */
export function revokedLater<Link extends TakenPoolLink | RetiringPoolLink>(link: Link, atMs: number): Link {
  return { ...link, revokeAt: new Date(atMs).toISOString() };
}
