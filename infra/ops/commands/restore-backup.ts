import { checkBackup } from '@paid-community/shared/platform/backends/embedded/backup-file.ts';
import { restoreBackup as putBack } from '@paid-community/shared/platform/backends/embedded/restore-backup.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { UsageError } from '../command-line/usage-error.ts';

export const restoreBackup = defineCommand({
  name: 'backup restore',
  summary:
    'Puts a backup in the place of the store of a stopped one-process system, on its machine; the replaced file is kept.',
  parameters: [{ name: 'file', description: 'the backup' }],
  options: {
    'data-dir': { type: 'string', value: 'D', description: "the system's DATA_DIR" },
    'documents-only': {
      type: 'boolean',
      description:
        'keep messages and tasks as they are now, and pause the queues: `rebuild` then restores what the backup does not know',
    },
  },
  run: async ({ values, parameters: [file = ''] }, context) => {
    const { output } = context;
    const dataDir = values['data-dir'];
    if (dataDir === undefined)
      throw new UsageError("backup restore needs --data-dir: the system's DATA_DIR, such as .data");
    const documentsOnly = values['documents-only'] ?? false;
    const { problems } = checkBackup(file);
    if (problems.length > 0) throw new UsageError(`${file} is not usable: ${problems.join('; ')}`);
    await context.confirm(
      `The store in ${dataDir} is replaced by ${file}${documentsOnly ? ', but for its messages and tasks' : ''}.`,
    );
    const queues = topology.queues.map(({ name }) => name);
    const { replaced, erasedButBack } = await putBack({
      dataDir,
      file,
      what: documentsOnly ? 'documents' : 'everything',
      queues,
      collections: topology.collections,
      now: new Date(context.now()),
    });
    const kept = replaced === undefined ? '' : ` What it replaced is kept as ${replaced}.`;
    const next = documentsOnly
      ? ' The queues are paused: start the system, `ops rebuild --since …`, then `ops queue resume`.'
      : '';
    const eraseAgain =
      erasedButBack.length === 0
        ? ''
        : `\nIt has brought back what was erased after it was made. Start the system, and erase again:\n${erasedButBack.map((id) => `  npm run ops -- erase --request ${id} --yes`).join('\n')}`;
    output.result(
      { dataDir, file, documentsOnly, replaced, erasedButBack },
      () => `${file} is in the place of the store in ${dataDir}.${kept}${next}${eraseAgain}`,
    );
    return exitCodes.done;
  },
});
