import { Type } from 'typebox';
import { defineEvent, Timestamp, type EventDefinition } from '../../platform/delivery/define-event.ts';
import { membershipEvents } from '../topics.ts';
import type { MembershipEventType, MembershipFacts } from './membership-event-types.ts';

const Id = Type.String({ minLength: 1 });

const Facts = Type.Object({
  membershipId: Id,
  communityId: Id,
  userId: Type.String(),
  telegramUserId: Type.Optional(Id),
  requestId: Type.Optional(Id),
  transactionId: Type.Optional(Type.String()),
  planId: Type.Optional(Id),
  planName: Type.Optional(Type.String()),
  startsAt: Type.Optional(Timestamp),
  endsAt: Type.Optional(Timestamp),
  daysLeft: Type.Optional(Type.Integer({ minimum: 0 })),
  reason: Type.Optional(Type.String()),
  test: Type.Optional(Type.Literal(true)),
});

const define = (type: string, idSuffix: string, source = 'join-tracker'): EventDefinition<MembershipFacts> =>
  defineEvent({
    type,
    idSuffix,
    subjectOf: ({ membershipId }) => membershipId,
    source,
    topic: membershipEvents,
    data: Facts,
  });

export const MembershipStarted = define('MembershipStarted', 'membership-started');
/** More time was bought or given, before or after the end. */
export const MembershipRenewed = define('MembershipRenewed', 'membership-renewed');
export const MembershipExpiring = define('MembershipExpiring', 'membership-expiring');
export const MembershipGraceStarted = define('MembershipGraceStarted', 'membership-grace-started');
export const MembershipExpired = define('MembershipExpired', 'membership-expired');
export const MembershipRevoked = define('MembershipRevoked', 'membership-revoked');
export const MembershipCancelled = define('MembershipCancelled', 'membership-cancelled');
export const MemberLeft = define('MemberLeft', 'member-left');
export const MemberRejoined = define('MemberRejoined', 'member-rejoined');
/** The person was asked out by us and is out. */
export const MemberRemoved = define('MemberRemoved', 'member-removed', 'link-worker');
export const RemovalFailed = define('RemovalFailed', 'removal-failed', 'link-worker');
/** `telegramUserId` is the account that came; the membership is that of the purchase. */
export const WrongPersonJoined = define('WrongPersonJoined', 'wrong-person-joined');
export const JoinRequestApproved = define('JoinRequestApproved', 'join-request-approved', 'link-worker');
export const JoinRequestDeclined = define('JoinRequestDeclined', 'join-request-declined', 'link-worker');
export const LinkExpiredUnused = define('LinkExpiredUnused', 'link-expired-unused');

const all = {
  MembershipStarted,
  MembershipRenewed,
  MembershipExpiring,
  MembershipGraceStarted,
  MembershipExpired,
  MembershipRevoked,
  MembershipCancelled,
  MemberLeft,
  MemberRejoined,
  MemberRemoved,
  RemovalFailed,
  WrongPersonJoined,
  JoinRequestApproved,
  JoinRequestDeclined,
  LinkExpiredUnused,
};

export const membershipEventDefinitions: Readonly<Record<MembershipEventType, EventDefinition<MembershipFacts>>> = all;
