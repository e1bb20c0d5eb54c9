import { hash } from 'node:crypto';
import type { Collection } from '../../platform/ports/topology-types.ts';

/** What join-tracker needs to know when somebody joins through a link. */
export interface InviteLink {
  readonly inviteLink: string;
  readonly requestId: string;
  /** Absent in links of an older version. */
  readonly communityId?: string | undefined;
  readonly userId: string;
  readonly transactionId: string;
  readonly createdAt: string;
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
  writtenBy: 'link-worker',
  indexes: [],
  ttlField: 'expiresAt',
};

/** SHA-256 of the link in hex: a link holds slashes, and logs may hold the hash but not the link. */
export function inviteLinkId(inviteLink: string): string {
  return hash('sha256', inviteLink);
}
