import { storeOwners, type StoreOwner } from '../model/operations/store-owner.ts';
import { createDocument, updateDocument, type DocumentStore, type Snapshot } from '../platform/ports/document-store.ts';
import type { Claim } from './claim.ts';

/**
 * @throws ConflictError when somebody else has recorded one since `read`; RetryableError when the store did not confirm
 * it.
 */
export async function recordOwner(
  { side, kind, account, place }: Claim,
  read: Snapshot<StoreOwner> | undefined,
  store: DocumentStore,
): Promise<void> {
  const owner: StoreOwner = { kind, account, place };
  await store.commit([
    read === undefined ? createDocument(storeOwners, side, owner) : updateDocument(storeOwners, read, owner),
  ]);
}
