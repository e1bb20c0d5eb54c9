import type { Collection } from '../../platform/ports/topology-types.ts';
import type { MembershipEventType } from '../memberships/membership-event-types.ts';

export interface EmissionAnswer {
  readonly status: number;
  readonly body: string;
}

/** The ledger: one entry for each event that WebEngage has taken. */
export interface Emission {
  readonly eventId: string;
  /** Absent where an event of a membership is about no purchase. */
  readonly requestId?: string | undefined;
  /** Of an event of a membership. */
  readonly membershipId?: string | undefined;
  /** Absent in entries of an older version. */
  readonly communityId?: string | undefined;
  readonly eventName: string;
  readonly sentAt: string;
  /** What WebEngage said; the body is cut. Status 0: nobody has kept its answer. */
  readonly answer: EmissionAnswer;
  /** See model/retention.ts. */
  readonly expiresAt?: string | undefined;
}

/** Id: the event id. */
export const emissions: Collection<Emission> = {
  name: 'emissions',
  owner: 'event-emitter',
  operatorWrites:
    'a rebuild brings entries back; an erasure empties them, and makes those of events that are not sent yet',
  keyedBy: 'eventId',
  personalFields: { answer: 'words of others' },
  onErasure: 'tombstone',
  indexes: [],
  ttlField: 'expiresAt',
};

/** What WebEngage knows the events as. */
export const eventNames = {
  linkCreated: 'pass_paid_community_telegram_link_created',
  memberJoined: 'pass_paid_community_telegram_joined',
} as const;

/** MemberLeft is `pass_paid_community_member_left`. WebEngage takes names under 50 characters. */
export function membershipEventName(type: MembershipEventType): string {
  return `pass_paid_community_${snakeCase(type)}`;
}

export function snakeCase(type: MembershipEventType): string {
  return type.replaceAll(/(?<=[a-z])(?=[A-Z])/gu, '_').toLowerCase();
}

/** Which event an entry is about. */
export type EmittedEvent = Pick<Emission, 'eventId' | 'requestId' | 'membershipId' | 'communityId' | 'eventName'>;

/** When an event was sent, and what WebEngage said. */
export type Sent = Pick<Emission, 'sentAt' | 'answer' | 'expiresAt'>;

/** The entry of an event that needs not be sent again. */
export function emission(event: EmittedEvent, sent: Sent): Emission {
  const { eventId, requestId, membershipId, communityId, eventName } = event;
  const { sentAt, answer, expiresAt } = sent;
  return { eventId, requestId, membershipId, communityId, eventName, sentAt, answer, expiresAt };
}

/** For an entry that is made from an event which the bus had acknowledged: WebEngage has taken it. */
export const REBUILT_ANSWER: EmissionAnswer = { status: 0, body: 'rebuilt: the bus had the event acknowledged' };

const ERASED_BODY = 'erased';

/** For an event of a person whose data was erased, and which must not be sent any more. */
export const ERASED_ANSWER: EmissionAnswer = { status: 0, body: ERASED_BODY };

/** The entry without the words of WebEngage. The entry itself stays, so that the event is not sent again. */
export function erasedEmission(known: Emission): Emission {
  return { ...known, answer: { ...known.answer, body: ERASED_BODY } };
}

export function isErasedEmission({ answer }: Emission): boolean {
  return answer.body === ERASED_BODY;
}
