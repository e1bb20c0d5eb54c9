import { emissions } from '@paid-community/shared/model/emissions/emission.ts';
import {
  inviteRequestOf,
  inviteRequests,
  type RequestFields,
} from '@paid-community/shared/model/links/invite-request.ts';
import { joinGeneration } from '@paid-community/shared/model/links/request-states.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import { isRequestId } from '@paid-community/shared/model/purchases/request-id.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { HttpRequest, HttpResponse } from '@paid-community/shared/platform/http/route.ts';
import { explainedLinkError } from '@paid-community/shared/outside-errors/explain-error.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';

/**
 * A request put together from what each service recorded about it; four look-ups by id.
 * @throws HttpError not_found, also in the moment between the acknowledgement and the first record.
 */
export async function showRequest({ params }: HttpRequest, store: DocumentStore): Promise<HttpResponse> {
  const requestId = params['requestId'] ?? '';
  const found = isRequestId(requestId) ? await store.get(inviteRequests, requestId) : undefined;
  if (found === undefined)
    throw new HttpError(
      'not_found',
      'There is no such request; one that was accepted a moment ago may need a second to show',
    );
  const request = inviteRequestOf(found.data);
  const [join, linkEvent, joinEvent] = await Promise.all([
    store.get(joins, requestId),
    store.get(emissions, LinkCreated.idOf(requestId, request.generation)),
    store.get(emissions, MemberJoined.idOf(requestId, joinGeneration(request))),
  ]);
  const { status, attempts, createdAt, updatedAt, nextAttemptAt, linkCreatedAt, inviteLink, lastError }: RequestFields =
    request;
  return {
    status: 200,
    body: {
      ok: true,
      requestId,
      status,
      attempts,
      createdAt,
      updatedAt,
      nextAttemptAt,
      inviteLink: status === 'DONE' ? inviteLink : undefined,
      linkCreatedAt,
      weLinkEventFired: linkEvent !== undefined,
      linkEventSentAt: linkEvent?.data.sentAt,
      joinedAt: join?.data.joinedAt,
      joinEventFired: joinEvent !== undefined,
      joinEventSentAt: joinEvent?.data.sentAt,
      lastError: lastError === undefined ? undefined : explainedLinkError(lastError),
    },
  };
}
