import { readFileSync, renameSync, rmdirSync, mkdirSync, writeFileSync } from 'node:fs';
import { env, pid } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudState } from './cloud-run-stand-in.ts';

/**
 * Changes the state of the stand-ins. Commands run side by side: one at a time gets to it, and nobody reads half a
 * file.
 */
export async function changeState(change: (cloud: CloudState) => void): Promise<void> {
  const file = env['FAKE_CLOUD_STATE'] ?? '';
  const lock = `${file}.lock`;
  while (!take(lock)) await sleep(5);
  try {
    const cloud = JSON.parse(readFileSync(file, 'utf8')) as CloudState;
    change(cloud);
    writeFileSync(`${file}.${pid}`, JSON.stringify(cloud));
    renameSync(`${file}.${pid}`, file);
  } finally {
    rmdirSync(lock);
  }
}

function take(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}
