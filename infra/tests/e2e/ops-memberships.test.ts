import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { callOperator, GOLD_CHAT, mustSucceed, startWorldOfChats } from './harness/communities.ts';
import { ops, type OpsResult } from './harness/ops.ts';
import { closeWorlds, type World } from './harness/world.ts';

let world: World;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ops-memberships-'));
  world = await startWorldOfChats({
    settings: { MEMBERSHIP_TICK_SECONDS: '0.2', REMOVAL_BREAKER_LEAST: '2', REMOVAL_BREAKER_PERCENT: '0' },
  });
  await mustSucceed(callOperator(world, 'POST', '/communities/gold', { removal: 'on', timeZone: 'Asia/Kolkata' }));
});

afterEach(async () => {
  await closeWorlds();
  rmSync(folder, { recursive: true });
});

function list(...lines: readonly string[]): string {
  const file = join(folder, 'members.csv');
  writeFileSync(file, ['userId,telegramUserId,endsAt', ...lines, ''].join('\n'));
  return file;
}

const run = (...args: readonly string[]): Promise<OpsResult> => ops(world, args);

async function asJson<T>(...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr, json } = await run(...args, '--json');
  if (json === undefined) throw new Error(`${args.join(' ')}: ${String(code)} ${stderr} ${stdout}`);
  return json as T;
}

async function membershipOf(userId: string): Promise<string> {
  const { memberships } = await asJson<{ memberships: readonly { readonly membershipId: string }[] }>(
    ...['memberships', 'find', '--user', userId],
  );
  return memberships[0]?.membershipId ?? 'none';
}

/** People who were inside before there was a list. */
function inside(...accounts: readonly number[]): void {
  for (const telegramUserId of accounts) world.telegram.chat(GOLD_CHAT).addWithoutLink({ telegramUserId });
}

const isIn = (telegramUserId: number): boolean => world.telegram.chat(GOLD_CHAT).isIn(telegramUserId);

/** No line of a table is wider than a terminal. */
function expectNarrow({ stdout }: OpsResult): void {
  expect(stdout.split('\n').filter((line) => line.length > 80 && !line.startsWith('npm run ops'))).toEqual([]);
}

describe('a list of members', () => {
  test('is checked whole before anything is written, then imported; once more it changes nothing', async () => {
    const bad = list('asha,5001,2099-12-31', 'ben,5002,31/12/2099', 'chen,5003,2020-01-01');
    const refused = await run('memberships', 'import', bad, '--community', 'gold');
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('Nothing was written') });
    expect(refused.stdout).toMatch(/1 would be created, .* 2 refused/);
    expect(await run('memberships', 'find', '--user', 'asha')).toMatchObject({ code: 1 });

    const report = join(folder, 'report.csv');
    const more = ['--community', 'gold', '--skip-refused', '--report', report];
    expect(await run('memberships', 'import', bad, ...more)).toMatchObject({ code: 0 });
    expect(readFileSync(report, 'utf8').split('\n').slice(0, 3)).toEqual([
      '"line","outcome","membershipId","endsAt","reason"',
      `"2","created","${await membershipOf('asha')}","2099-12-31T18:30:00.000Z",""`,
      expect.stringMatching(/^"3","refused","","","endsAt must be a day/),
    ]);
    expect(await asJson('memberships', 'import', bad, ...more)).toMatchObject({ unchanged: 1, created: 0, changed: 0 });
    expect(await run('memberships', 'import', join(folder, 'none.csv'), '--community', 'gold')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('none.csv cannot be read (ENOENT)'),
    });
  });

  test('that the command left half done is finished by the same command', async () => {
    const lines = Array.from({ length: 90 }, (_, n) => `user-${n},${6_000 + n},2099-12-31`);
    const file = list(...lines);
    await run('memberships', 'import', list(...lines.slice(0, 40)), '--community', 'gold');
    list(...lines);
    expect(await asJson('memberships', 'import', file, '--community', 'gold')).toMatchObject({
      created: 50,
      unchanged: 40,
    });
  });
});

test('an operator follows a member from the import to the removal, in 80 columns, each step with the next command', async () => {
  inside(5001, 5002);
  await run('memberships', 'import', list('asha,5001,2099-12-31', 'ben,5002,2099-12-30'), '--community', 'gold');
  const all = await run('memberships', 'list', '--community', 'gold', '--until', '2100-01-01');
  expectNarrow(all);
  const [, first, second] = all.stdout.split('\n');
  expect([first, second]).toEqual([expect.stringContaining('  ben  '), expect.stringContaining('  asha  ')]);

  const found = await run('memberships', 'find', '--telegram-user', '5001');
  expectNarrow(found);
  const membershipId = await membershipOf('asha');
  expect(found.stdout).toContain(`npm run ops -- memberships show ${membershipId}`);
  const extended = await run('memberships', 'extend', membershipId, '--ends', '2100-01-31');
  expect(extended.stdout).toContain('paid until         2100-01-31T18:30:00.000Z');
  expect(await run('memberships', 'extend', membershipId, '--ends', '2099-01-31')).toMatchObject({ code: 2 });
  expect(await run('memberships', 'cancel', membershipId)).toMatchObject({ code: 0 });
  expect(await run('memberships', 'revoke', membershipId)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--yes'),
  });

  await run('memberships', 'exempt', membershipId);
  const kept = await run('memberships', 'revoke', membershipId, '--reason', 'charged back', '--yes');
  expect(kept.stdout).toContain(`npm run ops -- memberships exempt ${membershipId} --off`);
  expect(isIn(5001)).toBe(true);
  await run('memberships', 'exempt', membershipId, '--off');
  await eventually(() => !isIn(5001));
  expect(isIn(5002)).toBe(true);
  await eventually(async () => (await run('removals', 'list')).stdout === 'Nobody is to be removed.\n');
  const story = await run('person', '--user', 'asha');
  expect(story.stdout).toMatch(/imported.*extended.*cancelled.*exempt.*charged back.*not exempt any more/s);
});

test('a bad import removes nobody: what is held is listed, and goes when it is released', async () => {
  const accounts = [5001, 5002, 5003, 5004];
  inside(...accounts);
  const lines = accounts.map((account, index) => `user-${index},${account},2020-01-01`);
  const file = list(...lines);
  expect(await run('memberships', 'import', file, '--community', 'gold')).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/it ended at \S+; --allow-ended takes it all the same/),
  });
  expect(await run('memberships', 'import', file, '--community', 'gold', '--allow-ended')).toMatchObject({ code: 0 });
  await eventually(async () => (await asJson<{ held: readonly object[] }>('removals', 'list')).held.length === 1);
  const held = await run('removals', 'list');
  expect(held.stdout).toMatch(/^HELD: all removals of gold.*npm run ops -- removals release gold.*gold: held/s);
  expect(accounts.filter(isIn)).toEqual(accounts);

  // One of them has paid.
  await run('memberships', 'extend', await membershipOf('user-0'), '--period', 'P1M');
  expect(await run('removals', 'release', 'gold', '--yes')).toMatchObject({ code: 0 });
  await eventually(() => accounts.filter(isIn).length === 1);
  expect(isIn(5001)).toBe(true);
  const again = await run('removals', 'release', 'gold', '--yes');
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing is held in gold') });
});
