import type { Command } from './command.ts';
import { doctor } from './commands/doctor.ts';
import { listDeadLetters } from './commands/list-dead-letters.ts';
import { checkBackup } from './commands/check-backup.ts';
import { createBackup } from './commands/create-backup.ts';
import { createSnapshot } from './commands/create-snapshot.ts';
import { deleteSnapshot } from './commands/delete-snapshot.ts';
import { listQueues } from './commands/list-queues.ts';
import { listSnapshots } from './commands/list-snapshots.ts';
import { pauseQueue } from './commands/pause-queue.ts';
import { rebuild } from './commands/rebuild.ts';
import { replay } from './commands/replay.ts';
import { restoreBackup } from './commands/restore-backup.ts';
import { resumeQueue } from './commands/resume-queue.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  doctor,
  listDeadLetters,
  replay,
  rebuild,
  createSnapshot,
  listSnapshots,
  deleteSnapshot,
  listQueues,
  pauseQueue,
  resumeQueue,
  createBackup,
  checkBackup,
  restoreBackup,
];
