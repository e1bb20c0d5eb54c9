import { isEnded, type Membership } from '../memberships/membership.ts';
import { linkReplaced, linkWanted } from './replace-link.ts';
import type { DoneRequest, NotNeededRequest, ProcessingRequest } from './request-states.ts';

/** Telegram's clock and ours: what we hear of in this time may have happened in the other order. */
const CLOCKS_DIFFER_MS = 60_000;
const A_SECOND_MS = 1_000;

/** Whether the person is in the community already, so that a purchase needs no link. */
export function isInside(membership: Membership | undefined): boolean {
  return membership?.presence === 'inside' && membership.telegramUserId !== undefined;
}

/**
 * The request with another link to come; undefined when it needs none. One is needed when somebody who has paid is out,
 * was not thrown out by an administrator, and has no link that lets in. `askedAt`: what was asked for before the person
 * went out says nothing any more.
 */
export function anotherLink(
  request: DoneRequest | NotNeededRequest,
  membership: Membership | undefined,
  { askedAt, nowMs }: { readonly askedAt: string; readonly nowMs: number },
): ProcessingRequest | undefined {
  if (membership === undefined || isEnded(membership)) return undefined;
  const { presence, presenceAt, departure } = membership;
  if (presence === 'inside' || departure === 'kicked') return undefined;
  if (presenceAt !== undefined && Date.parse(askedAt) + CLOCKS_DIFFER_MS < Date.parse(presenceAt)) return undefined;
  if (request.status === 'NOT_NEEDED') return linkWanted(request, nowMs);
  return letsIn(request, membership, nowMs) ? undefined : linkReplaced(request, nowMs);
}

/** One that asks for approval lets the same person in any number of times. */
function letsIn(
  { requestId, linkCreatedAt, linkRevokedAt, linkExpiresAt, asksForApproval }: DoneRequest,
  { enteredBy }: Membership,
  nowMs: number,
): boolean {
  if (linkRevokedAt !== undefined || (linkExpiresAt !== undefined && Date.parse(linkExpiresAt) <= nowMs)) return false;
  if (asksForApproval === true || enteredBy?.requestId !== requestId) return true;
  // Telegram tells whole seconds, so somebody may seem to come in just before the link was made.
  return Date.parse(enteredBy.at) + A_SECOND_MS < Date.parse(linkCreatedAt);
}
