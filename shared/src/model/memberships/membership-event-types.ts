// Apart from their schemas: documents hold events that are still to be published, and the infrastructure program, which
// has no packages of the services, reads how documents are stored.

export type MembershipEventType =
  | 'MembershipStarted'
  | 'MembershipRenewed'
  | 'MembershipExpiring'
  | 'MembershipGraceStarted'
  | 'MembershipExpired'
  | 'MembershipRevoked'
  | 'MembershipCancelled'
  | 'MemberLeft'
  | 'MemberRejoined'
  | 'MemberRemoved'
  | 'RemovalFailed'
  | 'WrongPersonJoined'
  | 'JoinRequestApproved'
  | 'JoinRequestDeclined'
  | 'LinkExpiredUnused';

/** What every event of a membership says, flat. Times are ISO 8601 with milliseconds. */
export interface MembershipFacts {
  membershipId: string;
  communityId: string;
  /** Empty when the person was imported by the Telegram account alone. */
  userId: string;
  telegramUserId?: string;
  /** The purchase that it is about, where it is about one. */
  requestId?: string;
  transactionId?: string;
  planId?: string;
  planName?: string;
  startsAt?: string;
  /** Absent: no end. */
  endsAt?: string;
  /** Whole days until the end, rounded up. */
  daysLeft?: number;
  reason?: string;
  /** A test journey: no part of any count. */
  test?: true;
}
