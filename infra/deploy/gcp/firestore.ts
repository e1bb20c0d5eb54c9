import { BackupSchedule } from '@pulumi/gcp/firestore/backupSchedule.js';
import { Database } from '@pulumi/gcp/firestore/database.js';
import { Field } from '@pulumi/gcp/firestore/field.js';
import { Index } from '@pulumi/gcp/firestore/index_.js';
import type { CustomResourceOptions } from '@pulumi/pulumi';
import { topology } from '@paid-community/shared/topology.ts';
import { firestoreIndexes, type CompositeIndex } from '../generated/firestore/firestore-indexes.ts';
import type { Context } from './context.ts';

/** Each backup is a whole copy and is billed as one: docs/cost.md counts them. */
export const DAILY_BACKUPS_KEPT_DAYS = 3;
/**
 * A way back from what is found out late. What happened since is gone then, but for the days that topics retain events:
 * `ops rebuild`.
 */
export const WEEKLY_BACKUPS_KEPT_WEEKS = 4;

/** What Firestore calls the database that it makes when nobody names one. */
const FIRST_DATABASE = '(default)';

/**
 * The name by which Pulumi knows something of a database. Another one for each database: with the same name, Pulumi
 * would put a restored one in the place of the one before by deleting that.
 */
export function logicalName(name: string, database: string): string {
  return database === FIRST_DATABASE ? name : `${name}-${database}`;
}

export function nameOfIndex({ collectionGroup, fields }: CompositeIndex): string {
  return `${collectionGroup}-by-${fields.map(({ fieldPath }) => fieldPath).join('-')}-${fields.at(-1)?.order === 'DESCENDING' ? 'newest' : 'oldest'}-first`;
}

/**
 * The document database, with exactly the indexes that a query of the topology needs, and a TTL policy where documents
 * expire. Firestore deletes within about a day after the time in that field.
 */
export function declareFirestore({ config, project, region, after, keptAfter }: Context): Database {
  const { protectData: kept, FIRESTORE_DATABASE: id } = config.values;
  // A database that the stack no longer names stays as it is, with its indexes and backups: it is the way back.
  const staying: CustomResourceOptions = { ...after('firestore'), retainOnDelete: kept };
  const database = new Database(
    logicalName('documents', id),
    {
      project,
      name: id,
      locationId: region,
      type: 'FIRESTORE_NATIVE',
      // A week of every version: against a bad deploy that writes nonsense.
      pointInTimeRecoveryEnablement: 'POINT_IN_TIME_RECOVERY_ENABLED',
      deleteProtectionState: kept ? 'DELETE_PROTECTION_ENABLED' : 'DELETE_PROTECTION_DISABLED',
      deletionPolicy: kept ? 'ABANDON' : 'DELETE',
    },
    { ...keptAfter('firestore'), retainOnDelete: kept },
  );
  const schedule = (
    name: string,
    recurrence: { readonly dailyRecurrence: object } | { readonly weeklyRecurrence: { readonly day: string } },
    keptDays: number,
  ): BackupSchedule =>
    new BackupSchedule(
      logicalName(name, id),
      { project, database: database.name, ...recurrence, retention: `${keptDays * 24 * 3_600}s` },
      staying,
    );
  schedule('daily', { dailyRecurrence: {} }, DAILY_BACKUPS_KEPT_DAYS);
  schedule('weekly', { weeklyRecurrence: { day: 'SUNDAY' } }, WEEKLY_BACKUPS_KEPT_WEEKS * 7);
  const { indexes, fieldOverrides } = firestoreIndexes(topology);
  for (const index of indexes) {
    const { collectionGroup, queryScope, fields } = index;
    new Index(
      logicalName(nameOfIndex(index), id),
      {
        project,
        database: database.name,
        collection: collectionGroup,
        queryScope,
        fields: fields.map(({ fieldPath, order }) => ({ fieldPath, order })),
      },
      staying,
    );
  }
  for (const { collectionGroup, fieldPath, indexes: wanted, ttl } of fieldOverrides) {
    new Field(
      logicalName(`${collectionGroup}-${fieldPath === '*' ? 'all-fields' : fieldPath}`, id),
      {
        project,
        database: database.name,
        collection: collectionGroup,
        field: fieldPath,
        indexConfig:
          wanted.length === 0 ? {} : { indexes: wanted.map(({ order, queryScope }) => ({ order, queryScope })) },
        ...(ttl === undefined ? {} : { ttlConfig: {} }),
      },
      staying,
    );
  }
  return database;
}
