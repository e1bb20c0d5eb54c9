import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

async function bench(...options: string[]): Promise<{ readonly code: unknown; readonly printed: string }> {
  const child = spawn(process.execPath, [MAIN, ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<unknown[]>]);
  return { code, printed };
}

// Speeds are not looked at: a test machine is as busy as it is.
test('a short run measures intake beside its reference and loses no purchase', async () => {
  const { code, printed } = await bench('--quick', '--only', 'intake');
  expect(printed).toContain('append 4 KiB + fdatasync');
  expect(printed).toMatch(/intake-service alone, 64 connections +≥ 0\.5 × reference +[\d,]+\/s/);
  expect(printed).toMatch(/whole system, 64 connections +≥ 0\.5 × reference +[\d,]+\/s/);
  expect(printed).toMatch(/whole system, 2,000 requests\/s +p99 < 100 ms +p50 /);
  expect(printed).not.toContain('VOID');
  expect(code).toBe(0);
});

test('an unknown section is refused with the list of those there are', async () => {
  const { code, printed } = await bench('--only', 'weather');
  expect({ code, printed }).toEqual({ code: 2, printed: '' });
});
