import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { Type } from 'typebox';
import { defineOperation } from '../http/operation.ts';

export const deleteSnapshot = defineOperation({
  action: 'snapshot.delete',
  method: 'POST',
  path: '/snapshots/:name/delete',
  refusals: ['not_found'],
  summary: 'Forgets a snapshot; no message is lost by it.',
  input: Type.Object(
    { name: Type.String({ minLength: 1, description: 'name of the snapshot' }) },
    { additionalProperties: false },
  ),
  answer: Type.Object({ deleted: Type.String() }),
  logged: ({ name }) => ({ name }),
  run: async ({ name }, { administration }) => {
    const isThere = (await administration.bus.listSnapshots()).some((snapshot) => snapshot.name === name);
    if (!isThere)
      throw new HttpError('not_found', 'There is no such snapshot; `ops snapshot list` shows those that are');
    await administration.bus.deleteSnapshot(name);
    return { deleted: name };
  },
});
