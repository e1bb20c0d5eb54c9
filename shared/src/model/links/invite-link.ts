import { hash } from 'node:crypto';
import type { Collection } from '../../platform/ports/topology-types.ts';
import { joinGeneration, type DoneRequest } from './request-states.ts';

/** What join-tracker needs to know when somebody joins through a link. */
export interface InviteLink {
  readonly inviteLink: string;
  readonly requestId: string;
  /** Absent in links of an older version. */
  readonly communityId?: string | undefined;
  /** The bot that made it; absent in links of an older version, which are the default bot's. */
  readonly botId?: string | undefined;
  readonly userId: string;
  readonly transactionId: string;
  /** The membership that the purchase belongs to; absent: it makes none. */
  readonly membershipId?: string | undefined;
  readonly test?: true | undefined;
  readonly createdAt: string;
  /** The day of `createdAt`, UTC, such as 2026-11-28: links are counted by it. Absent in links of an older version. */
  readonly madeOn?: string | undefined;
  /** Trace of the purchase; links of an older version have none. */
  readonly traceparent?: string | undefined;
  /** See `joinGeneration`; absent = the first. */
  readonly joinGeneration?: number | undefined;
  /** See model/retention.ts. */
  readonly expiresAt?: string | undefined;
}

/** Id: `inviteLinkId(inviteLink)`. */
export const inviteLinks: Collection<InviteLink> = {
  name: 'invite_links',
  owner: 'link-worker',
  operatorWrites: 'a rebuild brings links back, an erasure removes them',
  keyedBy: 'inviteLink',
  personalFields: { userId: 'userId', transactionId: 'transactionId', inviteLink: 'inviteLink' },
  onErasure: 'delete',
  // By an id that is random: a day of a community may have many.
  indexes: [{ where: ['communityId', 'madeOn'], orderBy: 'requestId' }],
  ttlField: 'expiresAt',
};

/** SHA-256 of the link in hex: a link holds slashes, and logs may hold the hash but not the link. */
export function inviteLinkId(inviteLink: string): string {
  return hash('sha256', inviteLink);
}

/** The link of a request as join-tracker looks it up; written together with the request. */
export function inviteLinkOf(request: DoneRequest): InviteLink {
  const { inviteLink, requestId, communityId, botId, userId, transactionId, membershipId, test } = request;
  const { linkCreatedAt, traceparent, expiresAt } = request;
  return {
    inviteLink,
    requestId,
    communityId,
    botId,
    userId,
    transactionId,
    membershipId,
    test,
    createdAt: linkCreatedAt,
    madeOn: linkCreatedAt.slice(0, 10),
    traceparent,
    joinGeneration: request.erased === undefined ? undefined : joinGeneration(request),
    expiresAt,
  };
}
