import { ConflictError, PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import { linkRecorded, type MadeLink } from '@paid-community/shared/model/links/attempts.ts';
import { inviteLinkId, inviteLinkOf, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import {
  asStored,
  documentOf,
  inviteRequestOf,
  inviteRequests,
} from '@paid-community/shared/model/links/invite-request.ts';
import {
  isOpen,
  type DoneRequest,
  type FailedRequest,
  type InviteRequest,
  type OpenRequest,
} from '@paid-community/shared/model/links/request-states.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { changeDocument, withWrites } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import {
  createDocument,
  type DocumentStore,
  type Snapshot,
} from '@paid-community/shared/platform/ports/document-store.ts';

interface Deps {
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Records a link in its request and for join-tracker, both or neither. Returns the request as it stands: with this
 * link (`isNew`), or with the one that somebody else recorded first. Undefined: it is to have no link any more.
 * @throws PermanentError when the link must not be told; RetryableError when it was not confirmed that it is recorded.
 */
export async function recordLink(
  read: Snapshot<OpenRequest>,
  link: MadeLink,
  deps: Deps,
): Promise<{ readonly request: DoneRequest; readonly isNew: boolean } | undefined> {
  const { inviteLink } = link;
  const orphan = { requestId: read.data.requestId, inviteLinkHash: inviteLinkId(inviteLink) };
  let request: DoneRequest | undefined;
  try {
    request = await recorded(read, link, deps);
  } catch (error) {
    deps.log.warn({ ...orphan, error }, 'orphan link: made, but perhaps not recorded');
    throw error;
  }
  if (request === undefined) {
    deps.log.warn(orphan, 'orphan link: nobody is to come in by it any more');
    return undefined;
  }
  const isNew = request.inviteLink === inviteLink;
  if (!isNew) deps.log.warn(orphan, 'orphan link: another attempt was first');
  return { request, isNew };
}

async function recorded(
  read: Snapshot<OpenRequest>,
  link: MadeLink,
  { store, clock }: Deps,
): Promise<DoneRequest | undefined> {
  const linkId = inviteLinkId(link.inviteLink);
  const asRead = asStored(read);
  const stored = await changeDocument(store, inviteRequests, asRead, async (document) => {
    const request = document === undefined ? undefined : inviteRequestOf(document);
    if (request === undefined || !mayBeLinked(request)) return undefined;
    if (document !== asRead.data && (await store.get(inviteLinks, linkId)) !== undefined)
      throw new PermanentError(
        'link_given_twice',
        'Telegram answered with a link that a purchase has already: its server, or something in between, repeats its answers',
      );
    const done = linkRecorded(request, link, clock.now());
    if (done === undefined) return undefined;
    return withWrites(documentOf(done), [createDocument(inviteLinks, linkId, inviteLinkOf(done))]);
  });
  if (stored === undefined)
    throw new PermanentError('unknown_request', 'The request was deleted while its link was made');
  const request = inviteRequestOf(stored);
  switch (request.status) {
    case 'DONE':
      return request;
    case 'NOT_NEEDED':
      return undefined;
    case 'ERASED':
      throw new PermanentError('request_erased', 'The request was erased while its link was made');
    case 'QUEUED':
    case 'PROCESSING':
    case 'FAILED':
      throw new ConflictError('Another link was asked for while this one was made');
  }
}

function mayBeLinked(request: InviteRequest): request is OpenRequest | FailedRequest {
  return isOpen(request) || request.status === 'FAILED';
}
