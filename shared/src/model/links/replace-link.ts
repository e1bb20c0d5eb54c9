import {
  withoutState,
  type DoneRequest,
  type InviteRequest,
  type NotNeededRequest,
  type ProcessingRequest,
} from './request-states.ts';

/** Enough for every honest reason, and a bound on the document. */
export const MAX_GENERATIONS = 50;

/**
 * The request is to get the next generation of its link; its task (`nextTaskOf`) revokes the present one first.
 * Undefined when it has had as many links as there may be.
 */
export function linkReplaced(request: DoneRequest, nowMs: number, because?: 'expired'): ProcessingRequest | undefined {
  if (request.generation >= MAX_GENERATIONS) return undefined;
  const { inviteLink, botId, linkCreatedAt, linkRevokedAt: revokedAt } = request;
  const link = { inviteLink, botId, createdAt: linkCreatedAt, because };
  const next = nextGeneration(request, nowMs);
  return revokedAt === undefined
    ? { ...next, replaces: link }
    : { ...next, earlierLinks: [...request.earlierLinks, { ...link, revokedAt }] };
}

/** A request without a link is to get one after all. Undefined as in linkReplaced. */
export function linkWanted(request: NotNeededRequest, nowMs: number): ProcessingRequest | undefined {
  return request.generation >= MAX_GENERATIONS ? undefined : nextGeneration(request, nowMs);
}

function nextGeneration(request: DoneRequest | NotNeededRequest, nowMs: number): ProcessingRequest {
  const at = new Date(nowMs).toISOString();
  return {
    ...withoutState(request),
    status: 'PROCESSING',
    attempts: 0,
    retries: request.retries + 1,
    updatedAt: at,
    nextAttemptAt: at,
    generation: request.generation + 1,
  };
}

/** The link before is revoked: the next attempt makes the new one. */
export function replacedLinkRevoked(
  request: ProcessingRequest,
  replaced: NonNullable<ProcessingRequest['replaces']>,
  nowMs: number,
): ProcessingRequest {
  const revokedAt = new Date(nowMs).toISOString();
  return {
    ...request,
    updatedAt: revokedAt,
    replaces: undefined,
    earlierLinks: [...request.earlierLinks, { ...replaced, revokedAt }],
  };
}

export type AfterExpiry =
  | { readonly kind: 'nothing' }
  /** It is replaced already, and its task may not have been queued. */
  | { readonly kind: 'queue'; readonly request: ProcessingRequest }
  | { readonly kind: 'replace'; readonly request: DoneRequest };

/** What is to be done for a request whose link of that generation expired before the buyer was told of it. */
export function afterExpiry(request: InviteRequest | undefined, generation: number): AfterExpiry {
  if (request?.status === 'PROCESSING' && request.generation === generation + 1 && request.attempts === 0)
    return { kind: 'queue', request };
  return request?.status === 'DONE' && request.generation === generation && request.linkRevokedAt === undefined
    ? { kind: 'replace', request }
    : { kind: 'nothing' };
}
