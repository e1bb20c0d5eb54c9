import type { Collection } from '../../../ports/topology-types.ts';
import { loadFirestore, reference, type FirestoreOptions } from '../firestore-document-store.ts';
import type { ImportedDocument } from '../firestore-import.ts';

/** What Firestore's own client does with many documents, and nothing else: the measure of `npm run bench:move`. */
export async function bareBulkWriter(
  options: FirestoreOptions,
  collection: Collection<object>,
  documents: readonly ImportedDocument[],
): Promise<void> {
  const { firestore, writer } = await loadFirestore(options);
  const bulk = firestore.bulkWriter({ throttling: false });
  const created = documents.map(({ id, data }) => bulk.create(reference(firestore, collection.name, id), data));
  await bulk.close();
  await Promise.all(created);
  await Promise.all([firestore.terminate(), writer.close()]);
}
