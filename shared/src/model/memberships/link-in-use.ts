import { isEnded, type ExpiringLink, type Membership } from './membership.ts';

/** Telegram tells whole seconds, so somebody may seem to come in just before the link was made. */
const A_SECOND_MS = 1_000;

/** When the link expires by which the person is to come in; undefined: it was used, or told as expired, or none is. */
export function expiryOfUnusedLink(known: Membership): number | undefined {
  const { expiringLink: link, requestId, presence } = known;
  if (link === undefined || link.isTold === true || isEnded(known) || presence === 'inside') return undefined;
  // The link of a purchase that was taken back is revoked.
  return link.requestId !== requestId || wasUsed(known, link) ? undefined : Date.parse(link.expiresAt);
}

/** By the person, whose entry has the other links revoked, or by somebody else. */
function wasUsed({ enteredBy, strangers = [] }: Membership, { requestId, createdAt }: ExpiringLink): boolean {
  const isAfter = ({ at }: { readonly at: string }): boolean => Date.parse(at) + A_SECOND_MS > Date.parse(createdAt);
  return (
    (enteredBy !== undefined && isAfter(enteredBy)) ||
    strangers.some((stranger) => stranger.requestId === requestId && isAfter(stranger))
  );
}
