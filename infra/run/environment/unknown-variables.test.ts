import { parseEnv } from 'node:util';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseEnvFile } from './parse-env-file.ts';
import { KNOWN_VARIABLES } from './known-variables.ts';
import { unknownVariables } from './unknown-variables.ts';

const EXAMPLE = readFileSync(new URL('../../../.env.example', import.meta.url));
const inFile = (...names: readonly string[]): readonly string[] =>
  unknownVariables({ inFile: names, inEnvironment: names }, KNOWN_VARIABLES);
const inShell = (...names: readonly string[]): readonly string[] =>
  unknownVariables({ inFile: [], inEnvironment: names }, KNOWN_VARIABLES);

describe('variables that nothing reads', () => {
  test.each([
    ['TELEGRAM_TOKEN', 'TELEGRAM_BOT_TOKEN'],
    ['INTAKE_API_KEY', 'INTAKE_API_KEYS'],
    ['TELEGRAM_CHATID', 'TELEGRAM_CHAT_ID'],
    ['WEBENGAGE_LICENCE_CODE', 'WEBENGAGE_LICENSE_CODE'],
    ['OPERATORS_API_KEYS', 'OPERATOR_API_KEYS'],
    ['telegram_bot_token', 'TELEGRAM_BOT_TOKEN'],
    ['DATA_DIRR', 'DATA_DIR'],
  ])('%s: did you mean %s?', (name, meant) => {
    expect(inFile(name)).toEqual([`unknown variable ${name} in .env: did you mean ${meant}?`]);
    expect(inShell(name)).toEqual([`unknown variable ${name}: did you mean ${meant}?`]);
  });

  test('in the file every one is told, in the environment only what looks like ours', () => {
    expect(inFile('BOT_TOKEN', 'SOMETHING_ELSE_ENTIRELY')).toEqual([
      'unknown variable BOT_TOKEN in .env: did you mean TELEGRAM_BOT_TOKEN?',
      'unknown variable SOMETHING_ELSE_ENTIRELY in .env: nothing reads it',
    ]);
    expect(inShell('TELEGRAM_SOMETHING_ELSE_ENTIRELY')).toEqual([
      'unknown variable TELEGRAM_SOMETHING_ELSE_ENTIRELY: nothing reads it',
    ]);
  });

  test('nothing is said of what others have set', () => {
    const others =
      'PATH HOME HOST_NAME HOSTNAME PWD SHELL LANG TERM USER LOGNAME SHLVL XDG_DATA_DIRS SSH_AUTH_SOCK EDITOR INIT_CWD COLORTERM LS_COLORS BOT_TOKEN PORTS DBUS_SESSION_BUS_ADDRESS'.split(
        ' ',
      );
    const ofNpm = 'npm_config_cache npm_lifecycle_event npm_package_name npm_node_execpath npm_execpath'.split(' ');
    const ofKubernetes = [
      'LINK_WORKER_SERVICE_HOST',
      'LINK_WORKER_SERVICE_PORT',
      'LINK_WORKER_SERVICE_PORT_HTTP',
      'LINK_WORKER_PORT',
      'LINK_WORKER_PORT_8080_TCP',
      'LINK_WORKER_PORT_8080_TCP_ADDR',
      'INTAKE_SERVICE_PORT_8080_TCP_PROTO',
    ];
    expect(
      inShell(...others, ...ofNpm, ...ofKubernetes, 'NODE_ENV', 'NODE_OPTIONS', 'K_SERVICE', 'K_REVISION'),
    ).toEqual([]);
  });

  test('everything in .env.example is known, also what is commented out there', () => {
    const commented = EXAMPLE.toString().replaceAll(/^# (?=[A-Z_]+=)/gm, '');
    const names = Object.keys(parseEnv(commented));
    expect(names).toEqual(expect.arrayContaining(['GCP_PROJECT', 'OPERATOR_URL', 'PUSH_AUDIENCE']));
    expect(inFile(...names)).toEqual([]);
    expect(parseEnvFile(EXAMPLE, '.env').notes).toEqual([]);
  });
});
