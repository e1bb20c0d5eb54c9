import { createInterface } from 'node:readline/promises';
import { UsageError } from './command-line/usage-error.ts';

/** @throws UsageError unless the person at the terminal says yes. */
export async function askToConfirm(what: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new UsageError(`${what} This cannot be taken back; add --yes to do it`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${what} This cannot be taken back. Type yes to do it: `);
    if (answer.trim().toLowerCase() !== 'yes') throw new UsageError('Nothing was done');
  } finally {
    terminal.close();
  }
}
