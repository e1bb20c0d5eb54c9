import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { ConflictError, PermanentError } from '@paid-community/shared/platform/delivery/errors.ts';
import {
  ATTEMPT_MESSAGE_CHARACTERS,
  inviteRequests,
  type InviteRequest,
} from '@paid-community/shared/model/links/invite-request.ts';
import type { DeadLetterOccurrence } from '@paid-community/shared/model/operations/dead-letter.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import {
  createDocument,
  updateDocument,
  type DocumentStore,
  type Write,
} from '@paid-community/shared/platform/ports/document-store.ts';
import { parseCreateInviteLinkTask } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { purchasesForLinkWorker } from '@paid-community/shared/topology.ts';

const MAX_CONFLICTS = 5;

/** What was given up, where, and why. */
export interface GivenUp {
  readonly source: string;
  readonly data: string;
  readonly occurrence: Pick<DeadLetterOccurrence, 'at' | 'code' | 'reason'>;
}

/**
 * A purchase whose task or event became a dead letter is among the failed requests, whoever gave it up: the handler,
 * the queue or the bus. Otherwise it would stay QUEUED, which no list shows. A request that goes on meanwhile, by an
 * operator or another delivery, is left alone.
 */
export async function keepInSight(givenUp: GivenUp, store: DocumentStore, retentionDays: number): Promise<void> {
  const change = changeFor(givenUp, retentionDays);
  if (change === undefined) return;
  for (let conflicts = 0; ; conflicts += 1) {
    const read = await store.get(inviteRequests, change.requestId);
    const changed = change.of(read?.data);
    if (changed === undefined) return;
    const write: Write =
      read === undefined
        ? createDocument(inviteRequests, change.requestId, changed)
        : updateDocument(inviteRequests, read, changed);
    try {
      await store.commit([write]);
      return;
    } catch (error) {
      if (!(error instanceof ConflictError) || conflicts >= MAX_CONFLICTS) throw error;
    }
  }
}

interface Change {
  readonly requestId: string;
  /** The request as it is to be; undefined when it is right as it is. */
  readonly of: (request: InviteRequest | undefined) => InviteRequest | undefined;
}

function changeFor({ source, data, occurrence }: GivenUp, retentionDays: number): Change | undefined {
  const { at, code, reason } = occurrence;
  const lastError = { code, message: reason.slice(0, ATTEMPT_MESSAGE_CHARACTERS).toWellFormed() };
  const failed = { status: 'FAILED', nextAttemptAt: undefined, failedAt: at, updatedAt: at, lastError } as const;
  if (source === inviteQueue.name) {
    const task = readable(() => parseCreateInviteLinkTask(data));
    if (task === undefined) return undefined;
    return {
      requestId: task.requestId,
      of: (request) => {
        if (request === undefined || !isUnderWay(request) || (task.retry ?? 0) < (request.retries ?? 0))
          return undefined;
        return { ...request, ...failed };
      },
    };
  }
  if (source === purchasesForLinkWorker.name) {
    const event = readable(() => PurchaseReceived.parse({ data }));
    if (event === undefined) return undefined;
    const { requestId, userId, transactionId, communityId } = event.data;
    return {
      requestId,
      of: (request) => {
        if (request === undefined) {
          const { time: createdAt, traceparent } = event;
          return {
            requestId,
            userId,
            transactionId,
            communityId,
            attempts: 0,
            createdAt,
            traceparent,
            expiresAt: expiryOf(createdAt, retentionDays),
            ...failed,
          };
        }
        // Its first task may be in the queue or not: overdue from now on, it turns up as stuck unless that task is
        // done.
        return request.status === 'QUEUED'
          ? { ...request, status: 'PROCESSING', nextAttemptAt: at, updatedAt: at, lastError }
          : undefined;
      },
    };
  }
  return undefined;
}

function isUnderWay({ status }: InviteRequest): boolean {
  return status === 'QUEUED' || status === 'PROCESSING';
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
