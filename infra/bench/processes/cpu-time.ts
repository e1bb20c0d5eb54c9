import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Linux counts in hundredths of a second for programs, at every rate of its timer. */
const MICROSECONDS_PER_TICK = 10_000;

/**
 * Processor time that a process has used, in microseconds; undefined where there is no /proc. On a busy machine a rate
 * tells how busy it was; the processor time of each purchase still tells what the purchase costs.
 */
function cpuMicroseconds(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in parentheses, may hold spaces. utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
  } catch {
    return undefined;
  }
}

/** Runs `work` and returns its result with the processor time that the process used meanwhile. */
export async function withCpuTime<Result>(
  pid: number,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly cpuUs: number | undefined }> {
  const before = cpuMicroseconds(pid);
  const result = await work();
  const after = cpuMicroseconds(pid);
  return { result, cpuUs: before === undefined || after === undefined ? undefined : after - before };
}

const IDLE_WINDOW_MS = 1_000;
const IDLE_US = 100_000;
const IDLE_WITHIN_MS = 60_000;

/**
 * Resolves when a process has used less than a tenth of a core for a second: what it does at its start is over, and what is measured
 * from then on is the work that it is given. At once where there is no /proc.
 * @throws when it does not come to rest within a minute.
 */
export async function untilIdle(pid: number): Promise<void> {
  const until = performance.now() + IDLE_WITHIN_MS;
  let before = cpuMicroseconds(pid);
  while (before !== undefined) {
    await sleep(IDLE_WINDOW_MS);
    const now = cpuMicroseconds(pid);
    if (now === undefined || now - before < IDLE_US) return;
    if (performance.now() > until) throw new Error(`The process ${pid} does not come to rest`);
    before = now;
  }
}
