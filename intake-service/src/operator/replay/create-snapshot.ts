import { Type } from 'typebox';
import { subscriptionNamed } from '../find-in-topology.ts';
import { defineOperation } from '../http/operation.ts';
import { describeSnapshot, SnapshotAnswer } from './snapshot-answers.ts';

export const createSnapshot = defineOperation({
  action: 'snapshot.create',
  method: 'POST',
  path: '/snapshots',
  refusals: ['not_found', 'conflict'],
  summary: 'Gives the present state of a subscription a name, for a later replay.',
  input: Type.Object(
    { name: Type.String({ minLength: 1 }), subscription: Type.String({ minLength: 1 }) },
    { additionalProperties: false },
  ),
  answer: Type.Object({ snapshot: SnapshotAnswer }),
  logged: ({ name, subscription }, answer) => ({ name, subscription, expiresAt: answer?.snapshot.expiresAt }),
  run: async ({ name, subscription }, { administration }) => ({
    snapshot: describeSnapshot(await administration.bus.createSnapshot(name, subscriptionNamed(subscription))),
  }),
});
