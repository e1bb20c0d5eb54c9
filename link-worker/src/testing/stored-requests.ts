import { inviteRequests, type InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import {
  createDocument,
  updateDocument,
  type DocumentStore,
  type Snapshot,
} from '@paid-community/shared/platform/ports/document-store.ts';

/** Requests as a test puts them there: in any state, and in the form of any version. */
export class StoredRequests {
  readonly #store: DocumentStore;

  constructor(store: DocumentStore) {
    this.#store = store;
  }

  get(requestId: string): Promise<Snapshot<InviteRequestDocument> | undefined> {
    return this.#store.get(inviteRequests, requestId);
  }

  create(request: InviteRequestDocument): Promise<void> {
    return this.#store.commit([createDocument(inviteRequests, request.requestId, request)]);
  }

  update(read: Snapshot<InviteRequestDocument>, request: InviteRequestDocument): Promise<void> {
    return this.#store.commit([updateDocument(inviteRequests, read, request)]);
  }
}
