import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

export const createBackup = defineCommand({
  name: 'backup create',
  summary:
    'Copies the live store of the one-process system into a file on its machine. On Google Cloud it says how Firestore makes backups.',
  parameters: [
    {
      name: 'path',
      description: 'absolute path on the machine of the system (default: the folder backups in DATA_DIR)',
      optional: true,
    },
  ],
  options: {},
  run: async ({ parameters: [path] }, { api, output }) => {
    const { file, bytes, durationMs } = await api.post<{
      readonly file: string;
      readonly bytes: number;
      readonly durationMs: number;
    }>('/backups', { path });
    output.result(
      { file, bytes, durationMs },
      () => `${file}: ${bytes} bytes in ${durationMs} ms. Keep it on another machine; \`ops backup check\` reads it.`,
    );
    return exitCodes.done;
  },
});
