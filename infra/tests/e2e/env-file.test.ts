import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inheritedVariables } from '../../run/environment/inherited-variables.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paid-community-env-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a script of package.json runs, in a folder of its own, until it ends by itself or says "Ready on". */
async function run(
  script: string,
  parameters: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly said: string }> {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const [, ...words] = (scripts[script] ?? '')
    .split(' ')
    .map((word) =>
      word.startsWith('--import=') ? word.replace('./', ROOT) : word.replace(/^infra\//, `${ROOT}infra/`),
    );
  const child = spawn(process.execPath, [...words, ...parameters], {
    cwd: folder,
    env: { ...inheritedVariables(), PORT: '0', DATA_DIR: join(folder, 'data'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.resume();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    // Once only: a second signal would force it.
    if (!said.includes('Ready on') && (said + text).includes('Ready on')) child.kill('SIGTERM');
    said += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

function writeEnvFile(content: string | Uint8Array, mode = 0o600): void {
  writeFileSync(join(folder, '.env'), content);
  chmodSync(join(folder, '.env'), mode);
}

describe('npm start', () => {
  test('without an .env file says nothing of one', async () => {
    expect(await run('start')).toEqual({ code: 0, said: expect.not.stringContaining('Note:') });
  });

  test('reads the first variable behind a byte order mark, and a variable of the shell wins', async () => {
    writeEnvFile('\uFEFFTELEGRAM_UPDATES=nonsense\nLOG_LEVEL=nonsense\n');
    const { code, said } = await run('start', [], { LOG_LEVEL: 'info' });
    expect(code).toBe(2);
    expect(said).toContain('TELEGRAM_UPDATES must be one of');
    expect(said).not.toContain('LOG_LEVEL');
  });

  test('refuses UTF-16 before anything is opened', async () => {
    writeEnvFile(Buffer.from('\uFEFFTELEGRAM_BOT_TOKEN=1:AAAAAAAA\n', 'utf16le'));
    const { code, said } = await run('start');
    expect(code).toBe(2);
    expect(said).toBe(
      'The configuration has a problem:\n  - .env is UTF-16, of which nothing would be read: save it as UTF-8\n',
    );
  });

  test('refuses an .env that is a folder', async () => {
    mkdirSync(join(folder, '.env'));
    expect(await run('start')).toEqual({ code: 2, said: expect.stringContaining('.env cannot be read (EISDIR)') });
  });

  test('goes on with what it can read, and tells what it cannot: misspelt names, lines, and who else can read it', async () => {
    writeEnvFile('TELEGRAM_TOKEN=1:AAAAAAAA\nINTAKE_API_KEY=abc\nnonsense\nNODE_OPTIONS=--inspect\n', 0o644);
    const { code, said } = await run('start', [], { WEBENGAGE_KEY: 'x' });
    expect(code).toBe(0);
    expect(said.match(/^Note: .*$/gm)).toEqual([
      'Note: .env holds secrets, and other users of this machine can read it: chmod 600 .env.',
      'Note: .env, line 3: it has no =, so that it sets nothing.',
      'Note: NODE_OPTIONS in .env does nothing there: set it in the shell.',
      'Note: unknown variable INTAKE_API_KEY in .env: did you mean INTAKE_API_KEYS?',
      'Note: unknown variable TELEGRAM_TOKEN in .env: did you mean TELEGRAM_BOT_TOKEN?',
      'Note: unknown variable WEBENGAGE_KEY: did you mean WEBENGAGE_API_KEY?',
    ]);
  });
});

test.each([
  ['ops', ['doctor']],
  ['demo', ['--help']],
  ['start:emulators', []],
])('npm run %s reads the same file in the same way', async (script, parameters) => {
  writeEnvFile(Buffer.from('OPERATOR_API_KEY=abc\n', 'utf16le'));
  expect(await run(script, parameters)).toEqual({ code: 2, said: expect.stringContaining('.env is UTF-16') });
});

test('npm run ops takes its key from there', async () => {
  writeEnvFile('\uFEFFOPERATOR_API_KEY=with a blank\n');
  expect(await run('ops', ['doctor'])).toEqual({
    code: 2,
    said: expect.stringMatching(/^The key .* must be printable characters without spaces\n$/),
  });
});
