import type { v1 } from '@google-cloud/firestore';
import type { Write } from '../../ports/document-store.ts';
import { toDocumentId } from './firestore-document-id.ts';
import { fromVersion } from './firestore-version.ts';

// A commit as Firestore's API takes it. The SDK's own WriteBatch has no "replace if unchanged" (its set() knows no precondition, its
// update() leaves fields that are not named), and repeats a commit for up to ten minutes after its caller has given up.

type CommitRequest = NonNullable<Parameters<InstanceType<typeof v1.FirestoreClient>['commit']>[0]>;
type FirestoreWrite = NonNullable<CommitRequest['writes']>[number];
type FirestoreValue = NonNullable<NonNullable<NonNullable<FirestoreWrite['update']>['fields']>[string]>;

/** `data` is plain JSON. `database` is `projects/…/databases/…`. */
export function toFirestoreWrite(database: string, write: Write, data: Readonly<Record<string, unknown>>): FirestoreWrite {
  const name = `${database}/documents/${write.collection}/${toDocumentId(write.id)}`;
  switch (write.kind) {
    case 'create':
      return { update: { name, fields: toFields(data) }, currentDocument: { exists: false } };
    case 'update':
      // Without a mask it replaces the whole document.
      return { update: { name, fields: toFields(data) }, currentDocument: { updateTime: fromVersion(write.ifVersion) } };
    case 'delete':
      return { delete: name };
  }
}

function toFields(data: object): Record<string, FirestoreValue> {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, toValue(value)]));
}

function toValue(value: unknown): FirestoreValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { booleanValue: value };
  if (typeof value === 'number') return Number.isSafeInteger(value) ? { integerValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toValue) } };
  return typeof value === 'object' && value !== null ? { mapValue: { fields: toFields(value) } } : { nullValue: 'NULL_VALUE' };
}
