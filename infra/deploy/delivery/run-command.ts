import { UsageError } from '../../ops/command-line/usage-error.ts';

/** Runs a command to its end. Exit codes: 0 done, 1 failed, 2 bad arguments. SIGINT and SIGTERM abort `signal`. */
export async function runCommand(
  usage: string,
  command: (args: readonly string[], signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const cancelled = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => cancelled.abort());
  try {
    await command(process.argv.slice(2), cancelled.signal);
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\nusage: ${usage}\n`);
      process.exitCode = 2;
    } else {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    }
  }
}
