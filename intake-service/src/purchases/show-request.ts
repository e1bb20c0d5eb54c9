import { emissions } from '@paid-community/shared/model/emissions/emission.ts';
import {
  inviteRequestOf,
  inviteRequests,
  type RequestFields,
} from '@paid-community/shared/model/links/invite-request.ts';
import { joinGeneration } from '@paid-community/shared/model/links/request-states.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import {
  memberships,
  type Membership as KnownMembership,
} from '@paid-community/shared/model/memberships/membership.ts';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import { isRequestId } from '@paid-community/shared/model/purchases/request-id.ts';
import { defineEndpoint } from '@paid-community/shared/platform/http/endpoint.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { explainedLinkError } from '@paid-community/shared/outside-errors/explain-error.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static } from 'typebox';
import { LastError } from '../operator/requests/last-error.ts';
import { intakeKey } from './intake-key.ts';

const Time = Type.String({ format: 'date-time' });

const Membership = Type.Object(
  {
    state: Type.Enum(['pending', 'active', 'grace', 'expired', 'revoked'], {
      description: 'pending = paid, and nobody came in yet; grace = the time is over, and the person may still stay',
    }),
    presence: Type.Enum(['inside', 'outside', 'unknown']),
    planId: Type.Optional(Type.String({ description: 'of the purchase that reaches furthest, as is planName' })),
    planName: Type.Optional(Type.String()),
    startsAt: Type.Optional(Time),
    endsAt: Type.Optional(Type.String({ format: 'date-time', description: 'absent: no end, or nothing is paid for' })),
  },
  { description: 'of the person in the community of the purchase, where the purchase makes one' },
);

/** A request put together from what each service recorded about it; look-ups by id. */
export const showRequest = defineEndpoint({
  id: 'invites.show',
  method: 'GET',
  path: '/v1/invite/requests/:requestId',
  summary: 'How far a request is: its link, and which events WebEngage has been told.',
  security: intakeKey,
  input: Type.Object({ requestId: Type.String({ description: 'as the purchase was answered' }) }),
  answer: {
    status: 200,
    description: 'What is known of the request',
    schema: Type.Object({
      ok: Type.Literal(true),
      requestId: Type.String(),
      status: Type.String({ description: 'QUEUED, PROCESSING, DONE, NOT_NEEDED, FAILED or ERASED' }),
      notNeededBecause: Type.Optional(
        Type.String({
          description: 'with NOT_NEEDED: inside = the buyer is inside already; else why it counts no more',
        }),
      ),
      attempts: Type.Integer({ description: 'counted calls of Telegram' }),
      createdAt: Time,
      updatedAt: Time,
      nextAttemptAt: Type.Optional(Time),
      inviteLink: Type.Optional(Type.String({ description: 'with DONE' })),
      linkCreatedAt: Type.Optional(Time),
      linkRevokedAt: Type.Optional(Time),
      linkRevokedBecause: Type.Optional(Type.String({ description: 'why nobody comes in by the link any more' })),
      weLinkEventFired: Type.Boolean({ description: 'WebEngage took the event "link created"' }),
      linkEventSentAt: Type.Optional(Time),
      joinedAt: Type.Optional(Time),
      joinEventFired: Type.Boolean({ description: 'WebEngage took the event "joined"' }),
      joinEventSentAt: Type.Optional(Time),
      lastError: Type.Optional(LastError),
      membership: Type.Optional(Membership),
    }),
  },
  // Also in the moment between the acknowledgement and the first record.
  refusals: ['not_found', 'unavailable'],
  texts: { invalid: 'The arguments are not valid' },
  handle: async ({ requestId }, _call, { store }: { readonly store: DocumentStore }) => {
    const found = isRequestId(requestId) ? await store.get(inviteRequests, requestId) : undefined;
    if (found === undefined)
      throw new HttpError(
        'not_found',
        'There is no such request; one that was accepted a moment ago may need a second to show',
      );
    const request = inviteRequestOf(found.data);
    const { membershipId } = request;
    const [membership, join, linkEvent, joinEvent] = await Promise.all([
      membershipId === undefined ? undefined : store.get(memberships, membershipId),
      store.get(joins, requestId),
      store.get(emissions, LinkCreated.idOf(requestId, request.generation)),
      store.get(emissions, MemberJoined.idOf(requestId, joinGeneration(request))),
    ]);
    const {
      status,
      attempts,
      createdAt,
      updatedAt,
      nextAttemptAt,
      linkCreatedAt,
      linkRevokedAt,
      linkRevokedBecause,
      notNeededBecause,
      inviteLink,
      lastError,
    }: RequestFields = request;
    return {
      ok: true as const,
      requestId,
      status,
      notNeededBecause,
      attempts,
      createdAt,
      updatedAt,
      nextAttemptAt,
      inviteLink: status === 'DONE' ? inviteLink : undefined,
      linkCreatedAt,
      linkRevokedAt,
      linkRevokedBecause,
      weLinkEventFired: linkEvent !== undefined,
      linkEventSentAt: linkEvent?.data.sentAt,
      joinedAt: join?.data.joinedAt,
      joinEventFired: joinEvent !== undefined,
      joinEventSentAt: joinEvent?.data.sentAt,
      lastError: lastError === undefined ? undefined : explainedLinkError(lastError),
      membership: membership === undefined ? undefined : describe(membership.data),
    };
  },
});

function describe(known: KnownMembership): Written<Static<typeof Membership>> {
  const { state, presence, planId, planName, startsAt, endsAt } = known;
  return { state, presence, planId, planName, startsAt, endsAt };
}
