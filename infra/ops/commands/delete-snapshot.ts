import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

export const deleteSnapshot = defineCommand({
  name: 'snapshot delete',
  summary: 'Forgets a snapshot; no message is lost by it.',
  parameters: [{ name: 'name', description: 'as snapshot list shows it' }],
  options: {},
  run: async ({ parameters: [name = ''] }, { api, output }) => {
    const { deleted } = await api.post<{ readonly deleted: string }>(`/snapshots/${encodeURIComponent(name)}/delete`);
    output.result({ deleted }, () => `Snapshot ${deleted} is deleted.`);
    return exitCodes.done;
  },
});
