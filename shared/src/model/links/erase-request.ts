import { DEFAULT_COMMUNITY } from '../communities/community.ts';
import {
  joinGeneration,
  replacedLink,
  type ErasedRequest,
  type InviteRequest,
  type ReplacedLink,
} from './request-states.ts';

/**
 * What an erasure leaves of a request, and of one that nobody has recorded: a tombstone, which keeps the numbers that
 * the next life goes on from. One that is erased already stays as it is. `generation` is that of a link that somebody
 * knows of.
 */
export function erased(
  requestId: string,
  request: InviteRequest | undefined,
  {
    nowMs,
    generation: known,
    expiresAt,
  }: { readonly nowMs: number; readonly generation: number; readonly expiresAt: string },
): ErasedRequest {
  if (request?.status === 'ERASED') return request;
  const at = new Date(nowMs).toISOString();
  const generation = Math.max(request?.generation ?? 1, known);
  return {
    requestId,
    userId: '',
    transactionId: '',
    communityId: request?.communityId ?? DEFAULT_COMMUNITY,
    status: 'ERASED',
    attempts: 0,
    createdAt: at,
    updatedAt: at,
    traceparent: '',
    retries: request?.retries ?? 0,
    generation,
    failures: [],
    earlierLinks: [],
    erased: { at, times: joinGeneration(request), generation },
    expiresAt,
  };
}

/** Every link that the request has or had, the present one first. */
export function linksOf(request: InviteRequest): string[] {
  const present = request.status === 'DONE' ? request.inviteLink : undefined;
  const links = [
    present,
    replacedLink(request)?.inviteLink,
    ...request.earlierLinks.map(({ inviteLink }) => inviteLink),
  ];
  return [...new Set(links.filter((link) => link !== undefined))];
}

/** Those of its links that nobody has revoked: the present one, or the one that is about to be replaced. */
export function usableLinksOf(request: InviteRequest): ReplacedLink[] {
  const replaced = replacedLink(request);
  if (request.status !== 'DONE') return replaced === undefined ? [] : [replaced];
  const { inviteLink, botId, linkCreatedAt: createdAt, linkRevokedAt } = request;
  return linkRevokedAt === undefined ? [{ inviteLink, botId, createdAt }] : [];
}
