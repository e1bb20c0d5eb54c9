import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { NEXT_OPERATOR_KEY } from './harness/credentials.ts';
import { freePort } from '../../run/free-port.ts';
import { send } from './harness/http.ts';
import { ops } from './harness/ops.ts';
import { closeWorlds, openWorld } from './harness/world.ts';

afterEach(closeWorlds);

/** Nothing listens there. */
const NOWHERE = { url: `http://127.0.0.1:${await freePort()}` };

describe('the command line', () => {
  test('explains itself without a system: all commands, and each by itself', async () => {
    const overview = await ops(NOWHERE, []);
    expect(overview).toMatchObject({ code: 0, stderr: '' });
    expect(overview.stdout).toContain('dead-letters list');
    const help = await ops(NOWHERE, ['dead-letters', 'list', '--help']);
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('--source') });
    expect((await ops(NOWHERE, ['help', 'dead-letters', 'list'])).stdout).toBe(help.stdout);
  });

  test.each([
    [['dead-letter', 'list'], 'There is no command "dead-letter list". There are: '],
    [['dead-letters', 'lst'], 'There is no command "dead-letters lst". There'],
    [['dead-letters', 'list', '--colour'], "Unknown option '--colour'. dead-letters list takes --status"],
    [['dead-letters', 'list', 'surplus'], 'dead-letters list takes no arguments besides its options'],
    [['dead-letters', 'list', '--limit', 'many'], '--limit must be a whole number from 1 to 200'],
    [['--colour', 'doctor'], "Unknown option '--colour'"],
    [['doctr'], 'Did you mean doctor?'],
    [['help', 'doctr'], 'Did you mean doctor?'],
    [['--yes'], 'Which command?'],
    [['erase', '--user', ''], '--user is empty'],
    [['find', '--user', '--json'], '--user: argument missing'],
    [['requests', 'list', '--failed', '--since', '2026-02-30'], '--since must be a time such as 2026-11-20'],
    [['requests', 'list', '--failed', '--since', '1h', '--until', '2h'], '--until: until must be after since'],
    [['doctor', '--key-file', '/nowhere/key'], '--key-file /nowhere/key cannot be read (ENOENT)'],
    [['dead-letters', 'list', '--url', 'nowhere'], '--url (or OPERATOR_URL) must be a URL such as'],
  ])('bad arguments %j: code 2, and what would be right', async (args, said) => {
    expect(await ops(NOWHERE, args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(said) });
  });

  test('no key: code 2; no system: code 3; neither says more than what to do', async () => {
    expect(await ops(NOWHERE, ['dead-letters', 'list'], { OPERATOR_API_KEY: '' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--key, or OPERATOR_API_KEY'),
    });
    expect(await ops(NOWHERE, ['dead-letters', 'list'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`${NOWHERE.url} cannot be reached: ECONNREFUSED`),
    });
  });

  test('a command runs wherever its options stand: here it finds nobody at home, which is code 3', async () => {
    const { url } = NOWHERE;
    for (const args of [
      ['--url', url, 'doctor'],
      ['--yes', 'erase', '--user', '-5'],
      ['erase', '--user=-u', '--yes'],
      ['--', 'doctor'],
      ['doctor', '--key', '-abc_'],
    ]) {
      expect(await ops(NOWHERE, args)).toMatchObject({
        code: 3,
        stdout: '',
        stderr: expect.stringContaining('cannot be reached'),
      });
    }
  });

  test('the key can come out of a file, and then no list of processes shows it', async () => {
    const world = await openWorld();
    await world.start();
    const keyFile = join(world.dataDir, 'key');
    await writeFile(keyFile, `${NEXT_OPERATOR_KEY}\n`);
    expect(await ops(world, ['dead-letters', 'list', '--key-file', keyFile], { OPERATOR_API_KEY: '' })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(world.process.logged('operator action')).toMatchObject([{ operator: 'ben' }]);
    expect(await ops(world, ['dead-letters', 'list', '--key-file', keyFile, '--key', 'k'])).toMatchObject({
      code: 2,
      stderr: 'One of --key and --key-file\n',
    });
    expect((await ops(world, ['doctor', '--help'])).stdout).toMatch(
      /--key K +the key itself; everybody on this machine sees it/,
    );
  });

  test('a wrong key is refused; the log names the operator of each action, and no key', async () => {
    const world = await openWorld();
    const system = await world.start();
    const wrong = { OPERATOR_API_KEY: world.settings()['INTAKE_API_KEYS']?.split(',')[0] ?? '' };
    expect(await ops(world, ['dead-letters', 'list'], wrong)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("A valid operator's key is required"),
    });
    expect((await send(`${world.url}/v1/ops/dead-letters`)).status).toBe(401);
    expect(system.logged('operator action')).toEqual([]);

    expect(await ops(world, ['dead-letters', 'list'])).toMatchObject({ code: 0, stdout: 'No dead letters match.\n' });
    const asBen = await ops(world, ['dead-letters', 'list', '--json', '--source', 'tg-invite-queue'], {
      OPERATOR_API_KEY: NEXT_OPERATOR_KEY,
    });
    expect(asBen.json).toEqual({ deadLetters: [], total: 0 });
    expect(system.logged('operator action')).toMatchObject([
      { operator: 'ada', action: 'dead-letters.list', found: 0, outcome: 'done' },
      { operator: 'ben', action: 'dead-letters.list', source: 'tg-invite-queue', found: 0, outcome: 'done' },
    ]);
  });

  test('what the API finds wrong with an argument ends with code 2 too', async () => {
    const world = await openWorld();
    await world.start();
    const refused = await ops(world, ['dead-letters', 'list', '--status', 'lost']);
    expect(refused).toMatchObject({
      code: 2,
      stderr: 'The arguments are not valid; status must be one of open, retrying, retried, discarded\n',
    });
  });
});
