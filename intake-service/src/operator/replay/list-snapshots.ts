import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';
import { describeSnapshot, SnapshotAnswer } from './snapshot-answers.ts';

export const listSnapshots = defineOperation({
  action: 'snapshot.list',
  method: 'GET',
  path: '/snapshots',
  summary: 'The snapshots that have not expired.',
  input: Type.Object({}, { additionalProperties: false }),
  answer: Type.Object({ snapshots: Type.Array(SnapshotAnswer) }),
  logged: (_, answer) => ({ found: answer?.snapshots.length }),
  run: async (_, { administration }) => ({
    snapshots: (await administration.bus.listSnapshots()).map(describeSnapshot),
  }),
});
