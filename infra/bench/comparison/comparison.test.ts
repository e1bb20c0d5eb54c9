import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { missingPrograms } from './servers/programs.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

async function comparison(
  ...options: string[]
): Promise<{ readonly code: unknown; readonly printed: string; readonly said: string }> {
  const child = spawn(process.execPath, [MAIN, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [printed, said, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<unknown[]>,
  ]);
  return { code, printed, said };
}

// `npm test` must not need the peers: without them this one says that it was left out.
const missing = [
  ...missingPrograms(),
  ...(existsSync(new URL('../peers/node_modules', import.meta.url)) ? [] : ['npm ci in infra/bench/peers']),
];
const withPeers = missing.length === 0 ? test : test.skip;

// Speeds are not looked at: a test machine is as busy as it is.
withPeers(
  `a short run does the same jobs on every side and loses none${missing.length === 0 ? '' : ` (left out, missing: ${missing.join(', ')})`}`,
  async () => {
    const { code, printed } = await comparison('--quick', '--only', 'jobs');
    for (const side of ['ours', 'graphile-worker', 'pg-boss', 'BullMQ'])
      expect(printed).toMatch(new RegExp(`^\\| ${side} \\| .*(synchronous|fsync)`, 'm'));
    expect(printed).toContain('Audit: nothing that was acknowledged is missing, on any side.');
    expect(printed).toMatch(/^\| jobs done in a burst of 200 ↑ \|( [\d.,]+\/s \|){4}/m);
    expect(code).toBe(0);
  },
  180_000,
);

test('RESULTS.md, its charts and docs/benchmarks.md say what was measured, and nothing else', async () => {
  expect(await comparison('--check')).toEqual({ code: 0, printed: '', said: '' });
});

test('an unknown section is refused with the list of those there are', async () => {
  const { code, printed, said } = await comparison('--only', 'weather');
  expect({ code, printed }).toEqual({ code: 2, printed: '' });
  expect(said).toContain('--only takes intake, jobs,');
});
