import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { blocksOf, copyOfTheTree, follow } from './recipes.ts';

// What CONTRIBUTING.md tells to do is done, on a copy.

const PACKAGES = fileURLToPath(new URL('../../../node_modules/', import.meta.url));
const blocks = blocksOf('CONTRIBUTING.md');
const folder = mkdtempSync(join(tmpdir(), 'recipes-'));

beforeAll(() => {
  copyOfTheTree(folder);
  for (const block of blocks) follow(block, folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(program: string, ...parameters: readonly string[]): Promise<{ code: number; said: string }> {
  const command = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', join(PACKAGES, program)];
  return new Promise((resolve) => {
    execFile(process.execPath, [...command, ...parameters], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: stdout + stderr });
    });
  });
}

test('the three recipes add an event, a task and an operation, each with its test', () => {
  expect(blocks.filter(({ path }) => path.endsWith('.test.ts'))).toHaveLength(3);
});

test('the types are right', async () => {
  const include = [...new Set(blocks.map(({ path }) => path))];
  writeFileSync(join(folder, 'recipes.json'), JSON.stringify({ extends: './tsconfig.json', include, exclude: [] }));
  expect(await run('typescript/bin/tsc', '--noEmit', '-p', 'recipes.json')).toEqual({ code: 0, said: '' });
});

test('the tests pass', async () => {
  const config = {
    testMatch: blocks.map(({ path }) => join(folder, path)).filter((path) => path.endsWith('.test.ts')),
    extensionsToTreatAsEsm: ['.ts'],
    testTimeout: 180_000,
    transform: { '\\.ts$': '<rootDir>/strip-types.js' },
  };
  const { code, said } = await run('jest/bin/jest.js', '--rootDir', folder, '--config', JSON.stringify(config), '-i');
  expect(said).toContain('Tests:       3 passed, 3 total');
  expect(code).toBe(0);
});
