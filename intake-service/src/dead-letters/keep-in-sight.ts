import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import { givenUp, overdue } from '@paid-community/shared/model/links/attempts.ts';
import { documentOf, inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { isOpen, type InviteRequest } from '@paid-community/shared/model/links/request-states.ts';
import { received } from '@paid-community/shared/model/links/receive-purchase.ts';
import type { DeadLetterOccurrence } from '@paid-community/shared/model/operations/dead-letter.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { CreateInviteLink } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { purchasesForLinkWorker } from '@paid-community/shared/topology.ts';

/** What was given up, where, and why. */
export interface GivenUp {
  readonly source: string;
  readonly data: string;
  readonly occurrence: Pick<DeadLetterOccurrence, 'at' | 'code' | 'reason'>;
}

/**
 * A purchase whose task or event became a dead letter is among the failed requests. The handler, the queue or the bus
 * may have given it up. Otherwise it would stay QUEUED, which no list shows. A request that goes on meanwhile, by an
 * operator or another delivery, is left alone.
 */
export async function keepInSight(fact: GivenUp, store: DocumentStore, retentionDays: number): Promise<void> {
  const change = changeFor(fact, retentionDays);
  if (change === undefined) return;
  await changeDocument(store, inviteRequests, change.requestId, (document) => {
    const changed = change.of(document === undefined ? undefined : inviteRequestOf(document));
    return changed === undefined ? undefined : documentOf(changed);
  });
}

interface Change {
  readonly requestId: string;
  /** The request as it is to be; undefined when it is right as it is. */
  readonly of: (request: InviteRequest | undefined) => InviteRequest | undefined;
}

function changeFor({ source, data, occurrence }: GivenUp, retentionDays: number): Change | undefined {
  const { at, code, reason: message } = occurrence;
  const error = { code, message };
  if (source === inviteQueue.name) {
    const task = readable(() => CreateInviteLink.parse(data));
    if (task === undefined) return undefined;
    const { requestId, retry = 0 } = task;
    return {
      requestId,
      of: (request) =>
        request !== undefined && isOpen(request) && retry >= request.retries ? givenUp(request, error, at) : undefined,
    };
  }
  if (source === purchasesForLinkWorker.name) {
    const event = readable(() => PurchaseReceived.parse({ data }));
    if (event === undefined) return undefined;
    return {
      requestId: event.data.requestId,
      of: (request) => {
        if (request === undefined) return givenUp(received(event, expiryOf(event.time, retentionDays)), error, at);
        return request.status === 'QUEUED' ? overdue(request, error, at) : undefined;
      },
    };
  }
  return undefined;
}

/** Undefined when it is not of its form: then nobody can tell which purchase it was about. */
function readable<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return undefined;
  }
}
