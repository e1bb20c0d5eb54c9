import { beforeAll, describe, expect, test } from '@jest/globals';
import { topology } from '@paid-community/shared/topology.ts';
import { firestoreIndexes } from '../topology/firestore-indexes.ts';
import { declareOnMocks, type DeclaredSystem } from './testing/declared-system.ts';
import { stackConfig, WHOLE } from './testing/stack-configs.ts';

let system: DeclaredSystem;

beforeAll(async () => {
  system = await declareOnMocks(stackConfig());
});

describe('the document database', () => {
  test('is native, in the region, and protected unless the stack says otherwise', async () => {
    const [database, ...others] = system.ofType('gcp:firestore/database:Database');
    expect(others).toEqual([]);
    expect(database?.inputs).toMatchObject({ name: '(default)', type: 'FIRESTORE_NATIVE', locationId: 'asia-south1', deleteProtectionState: 'DELETE_PROTECTION_ENABLED' });
    const torn = await declareOnMocks(stackConfig({ ...WHOLE, 'paid-community:protectData': 'false' }));
    expect(torn.ofType('gcp:firestore/database:Database')[0]?.inputs).toMatchObject({ deleteProtectionState: 'DELETE_PROTECTION_DISABLED', deletionPolicy: 'DELETE' });
  });

  test('is backed up every day, and a backup outlives what the topics retain', () => {
    const [schedule, ...others] = system.ofType('gcp:firestore/backupSchedule:BackupSchedule');
    expect(others).toEqual([]);
    expect(schedule?.inputs).toMatchObject({ dailyRecurrence: {} });
    const keptSeconds = Number(/^(\d+)s$/.exec(String(schedule?.inputs['retention']))?.[1]);
    expect(keptSeconds).toBeGreaterThan(Math.max(...topology.topics.map(({ retentionSeconds }) => retentionSeconds)));
  });

  test('has the indexes of firestore.indexes.json, and exempts every other field', () => {
    const { indexes, fieldOverrides } = firestoreIndexes(topology);
    const declared = system.ofType('gcp:firestore/index:Index').map(({ inputs }) => ({ collectionGroup: inputs['collection'], queryScope: inputs['queryScope'], fields: inputs['fields'] }));
    expect(declared).toEqual(expect.arrayContaining([...indexes]));
    expect(declared).toHaveLength(indexes.length);
    const fields = system.ofType('gcp:firestore/field:Field');
    expect(fields).toHaveLength(fieldOverrides.length);
    for (const { collectionGroup, fieldPath, indexes: wanted } of fieldOverrides) {
      const field = fields.find(({ inputs }) => inputs['collection'] === collectionGroup && inputs['field'] === fieldPath);
      expect([collectionGroup, fieldPath, field?.inputs['indexConfig']]).toEqual([collectionGroup, fieldPath, wanted.length === 0 ? {} : { indexes: wanted }]);
    }
  });

  test('deletes documents by the field that the topology names, and by no other', () => {
    const expiring = topology.collections.flatMap(({ name, ttlField }) => (ttlField === undefined ? [] : [[name, ttlField]]));
    const declared = system.ofType('gcp:firestore/field:Field').flatMap(({ inputs }) => (inputs['ttlConfig'] === undefined ? [] : [[inputs['collection'], inputs['field']]]));
    expect(declared.sort()).toEqual(expiring.sort());
    expect(expiring.length).toBeGreaterThan(0);
  });
});
