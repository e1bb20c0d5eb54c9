import type { v1 } from '@google-cloud/firestore';
import type { Write } from '../../ports/document-store.ts';
import { toDocumentId } from './firestore-document-id.ts';
import { toTimestamp } from './google-timestamp.ts';
import { fromVersion } from './firestore-version.ts';

// A commit as Firestore's API takes it. The SDK's own WriteBatch has no "replace if unchanged" (its set() knows no
// precondition, its update() leaves fields that are not named), and repeats a commit for up to ten minutes after its
// caller has given up.

type CommitRequest = NonNullable<Parameters<InstanceType<typeof v1.FirestoreClient>['commit']>[0]>;
export type FirestoreWrite = NonNullable<CommitRequest['writes']>[number];
type FirestoreValue = NonNullable<NonNullable<NonNullable<FirestoreWrite['update']>['fields']>[string]>;

/**
 * `data` is plain JSON; its `ttlField`, where there is one, becomes a timestamp. `database` is
 * `projects/…/databases/…`.
 */
export function toFirestoreWrite(
  database: string,
  write: Write,
  data: Readonly<Record<string, unknown>>,
  ttlField?: string,
): FirestoreWrite {
  const name = `${database}/documents/${write.collection}/${toDocumentId(write.id)}`;
  switch (write.kind) {
    case 'create':
      return { update: { name, fields: toDocumentFields(data, ttlField) }, currentDocument: { exists: false } };
    case 'update':
      // Without a mask it replaces the whole document.
      return {
        update: { name, fields: toDocumentFields(data, ttlField) },
        currentDocument: { updateTime: fromVersion(write.ifVersion) },
      };
    case 'delete':
      return { delete: name };
  }
}

function toDocumentFields(
  data: Readonly<Record<string, unknown>>,
  ttlField: string | undefined,
): Record<string, FirestoreValue> {
  const fields = toFields(data);
  if (ttlField === undefined || typeof data[ttlField] !== 'string') return fields;
  return { ...fields, [ttlField]: { timestampValue: toTimestamp(new Date(data[ttlField])) } };
}

function toFields(data: object): Record<string, FirestoreValue> {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, toValue(value)]));
}

function toValue(value: unknown): FirestoreValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { booleanValue: value };
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { integerValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toValue) } };
  return typeof value === 'object' && value !== null
    ? { mapValue: { fields: toFields(value) } }
    : { nullValue: 'NULL_VALUE' };
}
