import { BackupSchedule } from '@pulumi/gcp/firestore/backupSchedule.js';
import { Database } from '@pulumi/gcp/firestore/database.js';
import { Field } from '@pulumi/gcp/firestore/field.js';
import { Index } from '@pulumi/gcp/firestore/index_.js';
import { topology } from '@paid-community/shared/topology.ts';
import { firestoreIndexes } from '../topology/firestore-indexes.ts';
import type { Context } from './context.ts';

/** The one that the services open: they name no database. */
const DATABASE = '(default)';

/** Longer than topics retain events: `ops rebuild` brings back what happened after a backup. */
const BACKUPS_KEPT = `${14 * 24 * 3_600}s`;

/**
 * The document database, with exactly the indexes that a query of the topology needs, and a TTL policy where documents expire.
 * Firestore deletes within about a day after the time in that field.
 */
export function declareFirestore({ config, project, region, keptAfter }: Context): Database {
  const kept = config.values.protectData;
  const database = new Database(
    'documents',
    {
      project,
      name: DATABASE,
      locationId: region,
      type: 'FIRESTORE_NATIVE',
      // A week of every version: against a bad deploy that writes nonsense.
      pointInTimeRecoveryEnablement: 'POINT_IN_TIME_RECOVERY_ENABLED',
      deleteProtectionState: kept ? 'DELETE_PROTECTION_ENABLED' : 'DELETE_PROTECTION_DISABLED',
      deletionPolicy: kept ? 'ABANDON' : 'DELETE',
    },
    keptAfter('firestore'),
  );
  new BackupSchedule('daily', { project, database: database.name, dailyRecurrence: {}, retention: BACKUPS_KEPT }, keptAfter('firestore'));
  const { indexes, fieldOverrides } = firestoreIndexes(topology);
  for (const { collectionGroup, queryScope, fields } of indexes) {
    const last = fields.at(-1);
    new Index(
      `${collectionGroup}-by-${fields.map(({ fieldPath }) => fieldPath).join('-')}-${last?.order === 'DESCENDING' ? 'newest' : 'oldest'}-first`,
      { project, database: database.name, collection: collectionGroup, queryScope, fields: fields.map(({ fieldPath, order }) => ({ fieldPath, order })) },
    );
  }
  for (const { collectionGroup, fieldPath, indexes: wanted, ttl } of fieldOverrides) {
    new Field(`${collectionGroup}-${fieldPath === '*' ? 'all-fields' : fieldPath}`, {
      project,
      database: database.name,
      collection: collectionGroup,
      field: fieldPath,
      indexConfig: wanted.length === 0 ? {} : { indexes: wanted.map(({ order, queryScope }) => ({ order, queryScope })) },
      ...(ttl === undefined ? {} : { ttlConfig: {} }),
    });
  }
  return database;
}
