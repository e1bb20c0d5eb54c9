import { topology } from '@paid-community/shared/topology.ts';
import { firestoreIndexes } from '../../../deploy/generated/firestore/firestore-indexes.ts';

// How many bytes a document takes up, with its index entries: https://firebase.google.com/docs/firestore/storage-size.

/** Names and values of fields end with one byte more. */
const TEXT_END = 1;
const NAME_OVERHEAD = 16;
/** Of a document, and of each entry of an index. */
const OVERHEAD = 32;

/** The store gives each document one more field: the id of its commit. */
const COMMIT_ID_BYTES = textBytes('_commitId') + textBytes('00000000-0000-4000-8000-000000000000');

const { indexes, fieldOverrides } = firestoreIndexes(topology);

export function storedBytes(collection: string, id: string, data: Readonly<Record<string, unknown>>): number {
  const name = textBytes(collection) + textBytes(id) + NAME_OVERHEAD;
  const document = name + mapBytes(data) + COMMIT_ID_BYTES + OVERHEAD;
  const fields = fieldOverrides.filter(
    (override) => override.collectionGroup === collection && override.fieldPath in data,
  );
  const single = fields.reduce(
    (sum, { fieldPath, indexes: kept }) =>
      sum + kept.length * (name + textBytes(fieldPath) + valueBytes(data[fieldPath]) + OVERHEAD),
    0,
  );
  const composites = indexes.filter(
    (index) => index.collectionGroup === collection && index.fields.every(({ fieldPath }) => fieldPath in data),
  );
  const composite = composites.reduce(
    (sum, index) =>
      sum + name + index.fields.reduce((values, { fieldPath }) => values + valueBytes(data[fieldPath]), 0) + OVERHEAD,
    0,
  );
  return document + single + composite;
}

function valueBytes(value: unknown): number {
  if (typeof value === 'string') return textBytes(value);
  if (typeof value === 'number') return 8;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + valueBytes(item), 0);
  if (typeof value === 'object' && value !== null) return mapBytes(value);
  return 1;
}

function mapBytes(map: object): number {
  return Object.entries(map).reduce((sum, [name, value]) => sum + textBytes(name) + valueBytes(value), 0);
}

function textBytes(text: string): number {
  return Buffer.byteLength(text) + TEXT_END;
}
