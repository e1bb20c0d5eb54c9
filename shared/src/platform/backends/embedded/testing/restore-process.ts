import { restoreBackup } from '../restore-backup.ts';

/** Run by tests that end it half way: `node restore-process.ts <dataDir> <backup> <everything or documents>`. */
const [, , dataDir = '', file = '', what = ''] = process.argv;
await restoreBackup({
  dataDir,
  file,
  what: what === 'documents' ? 'documents' : 'everything',
  queues: ['queue'],
  collections: [],
  now: new Date(),
});
