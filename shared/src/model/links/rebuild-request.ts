import { DEFAULT_COMMUNITY } from '../communities/community.ts';
import type { DomainEvent } from '../../platform/delivery/define-event.ts';
import { linksOf } from './erase-request.ts';
import {
  replacedLink,
  withoutState,
  type DoneRequest,
  type InviteRequest,
  type RevokedLink,
} from './request-states.ts';
import type { LinkCreatedData } from './link-created.ts';

export interface Rebuilt {
  /** As link-worker left it when it published the event. */
  readonly told: DoneRequest;
  /** As it is to be stored; the known one, the very object, when that says it all. */
  readonly request: InviteRequest;
  /** The known request has another link of this generation, and keeps it. */
  readonly isConflicting: boolean;
}

/**
 * A request that the store does not know, or not in full, by what the event of its link says. Events may come in any
 * order. Undefined when the link is of an erased life: nothing of that comes back.
 */
export function rebuilt(
  known: InviteRequest | undefined,
  event: DomainEvent<LinkCreatedData>,
  expiresAt: string,
): Rebuilt | undefined {
  const told = { ...toldBy(event, expiresAt), erased: known?.erased };
  if (known === undefined) return { told, request: told, isConflicting: false };
  if (known.erased !== undefined && told.generation <= known.erased.generation) return undefined;
  if (told.generation > known.generation || (told.generation === known.generation && known.status !== 'DONE'))
    return { told, request: broughtUpTo(told, known), isConflicting: false };
  if (known.status === 'DONE' && told.generation === known.generation)
    return { told, request: known, isConflicting: known.inviteLink !== told.inviteLink };
  return { told, request: withEarlier(told, known), isConflicting: false };
}

/** Events of before they carried all of that get the usual values. */
function toldBy({ data, time, traceparent }: DomainEvent<LinkCreatedData>, expiresAt: string): DoneRequest {
  const { requestId, userId, transactionId, inviteLink, telegramChatId, botId, linkExpiresAt, membershipId, test } =
    data;
  const { communityId = DEFAULT_COMMUNITY, createdAt = time, attempts = 1, generation = 1 } = data;
  return {
    requestId,
    userId,
    transactionId,
    communityId,
    membershipId,
    test,
    status: 'DONE',
    attempts,
    createdAt,
    updatedAt: time,
    traceparent,
    retries: 0,
    generation,
    failures: [],
    earlierLinks: [],
    inviteLink,
    telegramChatId,
    botId,
    linkCreatedAt: time,
    linkExpiresAt,
    expiresAt,
  };
}

/** The links that the known request has are of earlier generations then: they were revoked before this one was made. */
function broughtUpTo(told: DoneRequest, known: InviteRequest): DoneRequest {
  const { retries, failures, attempts } = known;
  const present =
    known.status === 'DONE'
      ? [{ inviteLink: known.inviteLink, botId: known.botId, createdAt: known.linkCreatedAt }]
      : [];
  const replaced = replacedLink(known);
  const revoked = [...present, ...(replaced === undefined ? [] : [replaced])].map((link) => ({
    ...link,
    revokedAt: told.linkCreatedAt,
  }));
  return {
    ...withoutState(known),
    ...told,
    attempts: Math.max(attempts, told.attempts),
    retries,
    failures,
    earlierLinks: [...known.earlierLinks, ...revoked],
  };
}

/** Kept with the request, so that an erasure finds it. When it was revoked is not known: by the last change. */
function withEarlier(told: DoneRequest, known: InviteRequest): InviteRequest {
  const { inviteLink, linkCreatedAt: createdAt } = told;
  const links = linksOf(known);
  const places = known.generation - (known.status === 'DONE' ? 0 : 1);
  if (links.includes(inviteLink) || links.length >= places) return known;
  const earlier: RevokedLink = { inviteLink, createdAt, revokedAt: known.updatedAt };
  const earlierLinks = [...known.earlierLinks, earlier].toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  return { ...known, earlierLinks };
}
