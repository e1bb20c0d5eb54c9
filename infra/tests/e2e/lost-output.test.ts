import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { inheritedVariables } from '../../run/environment/inherited-variables.ts';
import { buy } from './harness/buyer.ts';
import { send } from './harness/http.ts';
import { expectPromiseKept } from './harness/promise.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

type Output = 'pipe' | number;

async function started(world: World, stdout: Output, stderr: Output): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['infra/run/local/main.ts'], {
    cwd: new URL('../../../', import.meta.url),
    env: { ...inheritedVariables(), ...world.settings() },
    stdio: ['ignore', stdout, stderr],
  });
  children.push(child);
  await eventually(async () => (await send(`${world.url}/readyz`)).status === 200);
  return child;
}

/** It works, and stops as any other does. */
async function expectGoesOn(world: World, child: ChildProcess): Promise<void> {
  const purchases = [
    await buy(world.url, { userId: 'u1', transactionId: 't' }),
    await buy(world.url, { userId: 'u2', transactionId: 't' }),
  ];
  await expectPromiseKept(world, { purchases });
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
}

describe('a system whose output nobody takes any more', () => {
  test('goes on without its log when the reader has ended, and says so once', async () => {
    const world = await openWorld();
    const child = await started(world, 'pipe', 'pipe');
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.stdout?.destroy();
    await expectGoesOn(world, child);
    expect(said.match(/cannot be written \(EPIPE\)/g)).toHaveLength(1);
    expect(said).not.toMatch(/^\s+at /m);
  });

  test('goes on when both are gone', async () => {
    const world = await openWorld();
    const child = await started(world, 'pipe', 'pipe');
    child.stdout?.destroy();
    child.stderr?.destroy();
    await expectGoesOn(world, child);
  });

  test('goes on when the disk of its log is full', async () => {
    const world = await openWorld();
    const full = openSync('/dev/full', 'w');
    try {
      const child = await started(world, full, full);
      await expectGoesOn(world, child);
    } finally {
      closeSync(full);
    }
  });
});

test.each([
  ['infra/ops/main.ts', ['help']],
  ['infra/run/demo/main.ts', ['--help']],
])('a command whose reader ends (%s) ends as well, quietly', async (file, parameters) => {
  const child = spawn(process.execPath, [file, ...parameters], {
    cwd: new URL('../../../', import.meta.url),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  child.stdout.destroy();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(said).toBe('');
});
