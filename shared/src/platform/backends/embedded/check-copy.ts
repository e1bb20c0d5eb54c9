import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { checkBackup, type BackupReport } from './backup-file.ts';

/** Reads a copy from end to end, in a thread of its own: the event loop goes on. @returns what is wrong with it. */
export async function checkCopy(file: string): Promise<readonly string[]> {
  const worker = new Worker(new URL(import.meta.url), { workerData: file });
  // A worker that fails emits `error`, and `once` throws it.
  const [report] = (await once(worker, 'message')) as [BackupReport];
  return report.problems;
}

if (!isMainThread && parentPort !== null && typeof workerData === 'string')
  parentPort.postMessage(checkBackup(workerData));
