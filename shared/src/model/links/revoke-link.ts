import {
  replacedLink,
  withoutState,
  type DoneRequest,
  type FailedRequest,
  type InviteRequest,
  type NotNeededRequest,
  type OpenRequest,
  type QueuedRequest,
  type ReplacedLink,
} from './request-states.ts';

// Nobody is to come in by the links of a purchase any more.

/** What was decided so shortly before a link was made may have been decided after it: two machines have two clocks. */
const CLOCKS_DIFFER_MS = 5_000;

/** What is to be done for that. `link`: is to be revoked first. */
export type Revocation =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'revoke';
      readonly request: OpenRequest | FailedRequest | DoneRequest;
      readonly link: ReplacedLink | undefined;
    };

/** A request that got another link after it was decided is left alone. */
export function revocationOf(request: InviteRequest, decidedAt: string): Revocation {
  if (request.status === 'ERASED' || request.status === 'NOT_NEEDED') return { kind: 'nothing' };
  if (request.generation > 1 && Date.parse(sinceOf(request)) > Date.parse(decidedAt) + CLOCKS_DIFFER_MS)
    return { kind: 'nothing' };
  if (request.status !== 'DONE') return { kind: 'revoke', request, link: replacedLink(request) };
  if (request.linkRevokedAt !== undefined) return { kind: 'nothing' };
  const { inviteLink, botId, linkCreatedAt: createdAt } = request;
  return { kind: 'revoke', request, link: { inviteLink, botId, createdAt } };
}

function sinceOf(request: OpenRequest | FailedRequest | DoneRequest): string {
  return request.status === 'DONE' ? request.linkCreatedAt : request.updatedAt;
}

/** Its links are revoked, and it gets none. */
export function revoked(
  request: OpenRequest | FailedRequest | DoneRequest,
  because: string,
  nowMs: number,
): DoneRequest | NotNeededRequest {
  const at = new Date(nowMs).toISOString();
  if (request.status === 'DONE') return { ...request, updatedAt: at, linkRevokedAt: at, linkRevokedBecause: because };
  const replaced = replacedLink(request);
  const earlierLinks =
    replaced === undefined ? request.earlierLinks : [...request.earlierLinks, { ...replaced, revokedAt: at }];
  return withoutLink({ ...request, earlierLinks }, because, at);
}

/** It gets no link. */
export function notNeeded(request: QueuedRequest, because: string, nowMs: number): NotNeededRequest {
  return withoutLink(request, because, new Date(nowMs).toISOString());
}

function withoutLink(request: OpenRequest | FailedRequest, because: string, at: string): NotNeededRequest {
  return { ...withoutState(request), status: 'NOT_NEEDED', updatedAt: at, notNeededBecause: because };
}
