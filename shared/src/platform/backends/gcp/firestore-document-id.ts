// Firestore refuses the ids `.`, `..` and `__…__`
// (https://cloud.google.com/firestore/quotas#collections_documents_and_fields). They get an escape character in front,
// and so do ids that start with it; every other id stays as it is, and in its order.

const ESCAPE = '%';
const RESERVED = /^(?:\.\.?|__.*__)$/su;

export function toDocumentId(id: string): string {
  return id.startsWith(ESCAPE) || RESERVED.test(id) ? `${ESCAPE}${id}` : id;
}

export function fromDocumentId(documentId: string): string {
  return documentId.startsWith(ESCAPE) ? documentId.slice(ESCAPE.length) : documentId;
}
