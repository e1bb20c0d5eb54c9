import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';

export const createBackup = defineOperation({
  action: 'backup.create',
  method: 'POST',
  path: '/backups',
  refusals: ['conflict'],
  summary:
    'Copies the live store of the one-process system into a file beside it. On Google Cloud Firestore makes the backups, and the refusal says how.',
  input: Type.Object(
    {
      path: Type.Optional(
        Type.String({
          minLength: 1,
          description: 'absolute path on the server; in the folder backups of DATA_DIR when absent',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    file: Type.String({ description: 'on the server' }),
    bytes: Type.Integer(),
    durationMs: Type.Number(),
  }),
  logged: (_, answer) => ({ bytes: answer?.bytes }),
  run: async ({ path }, { administration, clock }) => {
    const startedAtMs = clock.monotonicMs();
    const made = await administration.store.backUp(path);
    return { ...made, durationMs: Math.round(clock.monotonicMs() - startedAtMs) };
  },
});
