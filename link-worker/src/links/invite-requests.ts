import {
  claimed,
  deadLetterId,
  deadLetters,
  retried,
  type DeadLetter,
  type OpenLetter,
} from '@paid-community/shared/model/operations/dead-letter.ts';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import {
  inviteRequests,
  joinGeneration,
  type InviteRequest,
} from '@paid-community/shared/model/links/invite-request.ts';
import { ConflictError } from '@paid-community/shared/platform/delivery/errors.ts';
import {
  createDocument,
  updateDocument,
  type DocumentStore,
  type Snapshot,
} from '@paid-community/shared/platform/ports/document-store.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';

/** A request whose link exists. */
export type CompletedRequest = InviteRequest & {
  readonly status: 'DONE';
  readonly inviteLink: string;
  readonly linkCreatedAt: string;
};

export function isCompleted(request: InviteRequest): request is CompletedRequest {
  return request.status === 'DONE' && request.inviteLink !== undefined && request.linkCreatedAt !== undefined;
}

/** The collections that link-worker owns. Every method throws RetryableError when the store does not answer. */
export class InviteRequests {
  readonly #store: DocumentStore;
  readonly #onCreated: (request: CompletedRequest) => void;

  /** `onCreated` hears of each link once, when it is recorded. */
  constructor(store: DocumentStore, onCreated: (request: CompletedRequest) => void = () => undefined) {
    this.#store = store;
    this.#onCreated = onCreated;
  }

  get(requestId: string): Promise<Snapshot<InviteRequest> | undefined> {
    return this.#store.get(inviteRequests, requestId);
  }

  /** False when the request exists already. */
  async create(request: InviteRequest): Promise<boolean> {
    try {
      await this.#store.commit([createDocument(inviteRequests, request.requestId, request)]);
      return true;
    } catch (error) {
      if (error instanceof ConflictError) return false;
      throw error;
    }
  }

  /** @throws ConflictError when somebody else wrote the request since it was read. */
  async update(read: Snapshot<InviteRequest>, request: InviteRequest): Promise<void> {
    await this.#store.commit([updateDocument(inviteRequests, read, request)]);
  }

  /** Whether some request, this one or another, has or had the link. */
  async knowsLink(inviteLink: string): Promise<boolean> {
    return (await this.#store.get(inviteLinks, inviteLinkId(inviteLink))) !== undefined;
  }

  /**
   * Records that a request which was given up is tried again. Its dead letter, where it has one, is settled with it:
   * both tell the same story, and no operator has to.
   * @throws ConflictError when somebody else wrote one of them meanwhile.
   */
  async retry(read: Snapshot<InviteRequest>, changed: InviteRequest): Promise<void> {
    const letter = await this.#store.get(deadLetters, deadLetterId(inviteQueue.name, read.id));
    const settled = (open: OpenLetter): DeadLetter =>
      retried(claimed(open, 'the purchase, posted again', changed.updatedAt));
    const letterWrites =
      letter?.data.status === 'open' ? [updateDocument(deadLetters, letter, settled(letter.data))] : [];
    await this.#store.commit([updateDocument(inviteRequests, read, changed), ...letterWrites]);
  }

  /**
   * Records the link in the request and for join-tracker, both or neither.
   * @throws ConflictError when somebody else wrote the request since it was read, or the link is known already.
   */
  async complete(read: Snapshot<InviteRequest>, request: CompletedRequest): Promise<void> {
    const { inviteLink, requestId, userId, transactionId, linkCreatedAt, traceparent, expiresAt } = request;
    await this.#store.commit([
      updateDocument(inviteRequests, read, request),
      createDocument(inviteLinks, inviteLinkId(inviteLink), {
        ...{ inviteLink, requestId, userId, transactionId, createdAt: linkCreatedAt, traceparent, expiresAt },
        ...(request.erased === undefined ? {} : { joinGeneration: joinGeneration(request) }),
      }),
    ]);
    this.#onCreated(request);
  }
}
