import { emissions } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteRequests, joinGeneration } from '@paid-community/shared/model/links/invite-request.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { HttpRequest, HttpResponse } from '@paid-community/shared/platform/http/route.ts';
import { explainedLinkError } from '@paid-community/shared/outside-errors/explain-error.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * A request put together from what each service recorded about it; four look-ups by id.
 * @throws HttpError not_found, also in the moment between the acknowledgement and the first record.
 */
export async function showRequest({ params }: HttpRequest, store: DocumentStore): Promise<HttpResponse> {
  const requestId = params['requestId'] ?? '';
  const found = UUID.test(requestId) ? await store.get(inviteRequests, requestId) : undefined;
  if (found === undefined)
    throw new HttpError(
      'not_found',
      'There is no such request; one that was accepted a moment ago may need a second to show',
    );
  const [join, linkEvent, joinEvent] = await Promise.all([
    store.get(joins, requestId),
    store.get(emissions, LinkCreated.idOf(requestId, found.data.generation)),
    store.get(emissions, MemberJoined.idOf(requestId, joinGeneration(found.data))),
  ]);
  const { status, attempts, createdAt, updatedAt, nextAttemptAt, linkCreatedAt, inviteLink, lastError } = found.data;
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
