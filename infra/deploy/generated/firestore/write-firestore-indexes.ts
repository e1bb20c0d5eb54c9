import { writeFileSync } from 'node:fs';
import { topology } from '@paid-community/shared/topology.ts';
import { firestoreIndexes } from './firestore-indexes.ts';

writeFileSync(
  new URL('firestore.indexes.json', import.meta.url),
  `${JSON.stringify(firestoreIndexes(topology), null, 2)}\n`,
);
