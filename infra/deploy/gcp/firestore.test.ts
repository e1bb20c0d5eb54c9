import { beforeAll, describe, expect, test } from '@jest/globals';
import { topology } from '@paid-community/shared/topology.ts';
import { firestoreIndexes } from '../generated/firestore/firestore-indexes.ts';
import { adoption } from './database-adoption.ts';
import { declareOnMocks, type Declared, type DeclaredSystem } from './testing/declared-system.ts';
import { stackConfig, WHOLE } from './testing/stack-configs.ts';

let system: DeclaredSystem;

beforeAll(async () => {
  system = await declareOnMocks(stackConfig());
});

describe('the document database', () => {
  test('is native, in the region, and protected unless the stack says otherwise', async () => {
    const [database, ...others] = system.ofType('gcp:firestore/database:Database');
    expect(others).toEqual([]);
    expect(database?.inputs).toMatchObject({
      name: '(default)',
      type: 'FIRESTORE_NATIVE',
      locationId: 'asia-south1',
      deleteProtectionState: 'DELETE_PROTECTION_ENABLED',
    });
    const torn = await declareOnMocks(stackConfig({ ...WHOLE, 'paid-community:protectData': 'false' }));
    expect(torn.ofType('gcp:firestore/database:Database')[0]?.inputs).toMatchObject({
      deleteProtectionState: 'DELETE_PROTECTION_DISABLED',
      deletionPolicy: 'DELETE',
    });
  });

  test('is backed up every day, for as long as events are retained that make a backup whole; and every week, for longer', () => {
    const schedules = system.ofType('gcp:firestore/backupSchedule:BackupSchedule').map(({ inputs }) => inputs);
    expect(schedules).toEqual([
      expect.objectContaining({ dailyRecurrence: {} }),
      expect.objectContaining({ weeklyRecurrence: { day: 'SUNDAY' } }),
    ]);
    const [daily = 0, weekly = 0] = schedules.map(({ retention }) => Number(/^(\d+)s$/.exec(String(retention))?.[1]));
    const retained = Math.max(...topology.topics.map(({ retentionSeconds }) => retentionSeconds));
    expect(daily).toBeLessThan(retained);
    expect(weekly).toBeGreaterThan(retained);
    // The most that Firestore keeps (https://docs.cloud.google.com/firestore/docs/backups).
    expect(weekly).toBeLessThanOrEqual(14 * 7 * 24 * 3_600);
  });

  test('has the indexes of firestore.indexes.json, and exempts every other field', () => {
    const { indexes, fieldOverrides } = firestoreIndexes(topology);
    const declared = system.ofType('gcp:firestore/index:Index').map(({ inputs }) => ({
      collectionGroup: inputs['collection'],
      queryScope: inputs['queryScope'],
      fields: inputs['fields'],
    }));
    expect(declared).toEqual(expect.arrayContaining([...indexes]));
    expect(declared).toHaveLength(indexes.length);
    const fields = system.ofType('gcp:firestore/field:Field');
    expect(fields).toHaveLength(fieldOverrides.length);
    for (const { collectionGroup, fieldPath, indexes: wanted } of fieldOverrides) {
      const field = fields.find(
        ({ inputs }) => inputs['collection'] === collectionGroup && inputs['field'] === fieldPath,
      );
      expect([collectionGroup, fieldPath, field?.inputs['indexConfig']]).toEqual([
        collectionGroup,
        fieldPath,
        wanted.length === 0 ? {} : { indexes: wanted },
      ]);
    }
  });

  test('deletes documents by the field that the topology names, and by no other', () => {
    const expiring = topology.collections.flatMap(({ name, ttlField }) =>
      ttlField === undefined ? [] : [[name, ttlField]],
    );
    const declared = system
      .ofType('gcp:firestore/field:Field')
      .flatMap(({ inputs }) => (inputs['ttlConfig'] === undefined ? [] : [[inputs['collection'], inputs['field']]]));
    expect(declared.sort()).toEqual(expiring.sort());
    expect(expiring.length).toBeGreaterThan(0);
  });
});

describe('a database that was restored', () => {
  let restored: DeclaredSystem;

  beforeAll(async () => {
    restored = await declareOnMocks(stackConfig({ ...WHOLE, 'paid-community:FIRESTORE_DATABASE': 'restored-1' }));
  });

  const ofFirestore = (declared: DeclaredSystem): readonly Declared[] =>
    declared.resources.filter(({ type }) => type.startsWith('gcp:firestore/'));

  test('gets everything that the first one has, and what a backup does not carry: TTL, recovery, protection and backups', () => {
    const withoutId = (declared: DeclaredSystem, id: string): readonly unknown[] =>
      ofFirestore(declared).map(
        ({ type, inputs }) => `${type} ${JSON.stringify(inputs).replaceAll(`"${id}"`, '"<id>"')}`,
      );
    expect(withoutId(restored, 'restored-1')).toEqual(withoutId(system, '(default)'));
    expect(restored.ofType('gcp:firestore/field:Field').some(({ inputs }) => inputs['ttlConfig'] !== undefined)).toBe(
      true,
    );
    expect(restored.ofType('gcp:firestore/backupSchedule:BackupSchedule')).toHaveLength(2);
  });

  test('is nothing that Pulumi takes for the one before, which it would delete for it', () => {
    const names = new Set(ofFirestore(system).map(({ name }) => name));
    expect(ofFirestore(restored).filter(({ name }) => names.has(name))).toEqual([]);
  });

  test('is what every service opens, by the same setting', () => {
    for (const [declared, id] of [
      [system, '(default)'],
      [restored, 'restored-1'],
    ] as const) {
      const opened = declared
        .ofType('gcp:cloudrunv2/service:Service')
        .map(({ inputs }) => /"name":"FIRESTORE_DATABASE","value":"([^"]*)"/.exec(JSON.stringify(inputs))?.[1]);
      expect(opened).toEqual([id, id, id, id]);
    }
  });

  test('comes under the program by an import of itself and of the indexes that the backup had, under the names that the program gives them', () => {
    const listed = restored.ofType('gcp:firestore/index:Index').map(({ inputs }, index) => ({
      name: `projects/project-staging/databases/restored-1/collectionGroups/${String(inputs['collection'])}/indexes/C${index}`,
      queryScope: 'COLLECTION',
      state: 'READY',
      // As Firestore lists them: with the document's own name at the end.
      fields: [
        ...(inputs['fields'] as { readonly fieldPath: string; readonly order: string }[]),
        { fieldPath: '__name__', order: 'ASCENDING' },
      ],
    }));
    const foreign = {
      name: 'projects/project-staging/databases/restored-1/collectionGroups/other/indexes/X',
      fields: [{ fieldPath: 'a', arrayConfig: 'CONTAINS' }],
    };
    const { resources } = adoption('project-staging', 'restored-1', JSON.stringify([...listed, foreign]));
    const declared = restored.resources.filter(
      ({ type }) => type === 'gcp:firestore/database:Database' || type === 'gcp:firestore/index:Index',
    );
    expect(resources.map(({ type, name }) => `${type} ${name}`).sort()).toEqual(
      declared.map(({ type, name }) => `${type} ${name}`).sort(),
    );
    expect(new Set(resources.map(({ id }) => id))).toEqual(
      new Set(['projects/project-staging/databases/restored-1', ...listed.map(({ name }) => name)]),
    );
    // What the backup did not have is left for the program to make.
    expect(adoption('project-staging', 'restored-1', '[]').resources).toHaveLength(1);
    expect(() => adoption('project-staging', 'restored-1', 'Listed 0 items.')).toThrow('--format=json');
    expect(() => adoption('project-staging', 'restored-1', '{}')).toThrow('no list of indexes');
  });
});
