import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { topology } from '@paid-community/shared/topology.ts';
import { firestoreIndexes } from './firestore-indexes.ts';

const FILE = new URL('firestore.indexes.json', import.meta.url);

test('firestore.indexes.json is what the topology declares (to write it anew: node infra/topology/write-firestore-indexes.ts)', () => {
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(firestoreIndexes(topology));
});

test('no field that grows with time has an index of its own', () => {
  const { indexes, fieldOverrides } = firestoreIndexes(topology);
  for (const { name } of topology.collections) expect(fieldOverrides).toContainEqual({ collectionGroup: name, fieldPath: '*', indexes: [] });
  const grown = /At$|^version$|^_commitId$/;
  expect(fieldOverrides.filter(({ fieldPath, indexes: own }) => grown.test(fieldPath) && own.length > 0)).toEqual([]);
  // Behind a field of equality one may stand, where writes are few: dead letters, not the way of a purchase.
  expect(indexes.filter(({ fields }) => fields.some(({ fieldPath }) => grown.test(fieldPath))).map(({ collectionGroup }) => collectionGroup)).toEqual([
    'dead_letters',
    'dead_letters',
  ]);
});
