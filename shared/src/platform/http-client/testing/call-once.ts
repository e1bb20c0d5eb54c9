import { readFileSync } from 'node:fs';
import { createHttpClient } from '../http-client.ts';
import { HttpCallError } from '../http-call-error.ts';

// One call in a process of its own, and what it has cost: the memory of the process grows by what is held at any
// moment.
const [, , root = '', path = ''] = process.argv;
const client = createHttpClient({ root, secrets: [], maxAnswerBytes: 1_048_576 });
await client.post('/warm-up', {}, { timeoutMs: 1 }).catch(() => undefined);
const before = process.memoryUsage.rss();
const startedAt = performance.now();
const failure: unknown = await client.post(path, {}, { timeoutMs: 20_000 }).catch((error: unknown) => error);
const result = {
  code: failure instanceof HttpCallError ? failure.code : String(failure),
  grownBytes: peakBytes() - before,
  tookMs: performance.now() - startedAt,
};
client.close();
process.stdout.write(JSON.stringify(result));

/**
 * The most that this process has held. Not resourceUsage().maxRSS: a process that was forked has that of its parent to
 * begin with.
 */
function peakBytes(): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1_024;
}
