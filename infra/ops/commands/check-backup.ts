import { checkBackup as readBackup } from '@paid-community/shared/platform/backends/embedded/backup-file.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';

export const checkBackup = defineCommand({
  name: 'backup check',
  summary: 'Reads a backup on this machine from end to end: is it whole, of which version, and what is in it?',
  parameters: [{ name: 'file', description: 'the backup' }],
  options: {},
  run: ({ parameters: [file = ''] }, { output }) => {
    const report = readBackup(file);
    output.result(report, () => {
      if (report.problems.length > 0)
        return `${file} is NOT usable:\n${report.problems.map((problem) => `  ${problem}`).join('\n')}`;
      const rows = Object.entries({
        messages: report.messages,
        'deliveries and tasks to be done': report.waiting,
        ...report.documents,
      });
      return `${file} is whole (schema ${report.schemaVersion}).\n${formatTable(['in it', 'count'], rows)}`;
    });
    return Promise.resolve(report.problems.length === 0 ? exitCodes.done : exitCodes.failures);
  },
});
