import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigError } from '@paid-community/shared/platform/config/settings.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { SERVICES } from '@paid-community/shared/topology.ts';
import { serviceVariables } from './service-variables.ts';
import { IMAGES, REQUIRED, stackConfig, WHOLE } from './testing/stack-configs.ts';

function problemsOf(settings: Readonly<Record<string, string>>, stack = 'staging', folder?: string): string {
  try {
    stackConfig(settings, stack, folder);
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n');
    throw error;
  }
}

const with_ = (name: string, value: string): Record<string, string> => ({
  ...WHOLE,
  [name.includes(':') ? name : `paid-community:${name}`]: value,
});

describe('the settings of a stack', () => {
  test('everything that is missing is named at once, with what it means', () => {
    const problems = problemsOf({});
    for (const name of [
      'gcp:project',
      'projectNumber',
      'alertEmails',
      'billingAccount',
      'TELEGRAM_CHAT_ID',
      'WEBENGAGE_LICENSE_CODE',
    ]) {
      expect(problems).toMatch(new RegExp(`^${name} is missing: .{20}`, 'm'));
    }
    expect(problems.split('\n')).toHaveLength(Object.keys(REQUIRED).length);
  });

  test('what is not required has a sane default', () => {
    const { values, variables } = stackConfig(REQUIRED);
    expect(values).toMatchObject({
      'gcp:region': 'asia-south1',
      images: undefined,
      budgetAmount: 100,
      minInstances: 0,
      protectData: true,
      TASKS_MAX_DISPATCHES_PER_SECOND: inviteQueue.maxDispatchesPerSecond,
    });
    // A service has its own defaults; repeated here they could differ.
    expect([...new Set(Object.values(variables).flatMap((texts) => Object.keys(texts)))].sort()).toEqual([
      'TELEGRAM_CHAT_ID',
      'WEBENGAGE_LICENSE_CODE',
    ]);
  });

  test.each([
    ['gcp:project', 'My Project'],
    ['gcp:region', 'mars'],
    ['projectNumber', 'my-project'],
    ['images', '{"intake-service":"image:latest"}'],
    ['images', JSON.stringify({ ...IMAGES, 'other-service': Object.values(IMAGES)[0] })],
    ['images', 'not a map'],
    ['secretVersions', '{"TELEGRAM_BOT_TOKEN":"latest"}'],
    ['secretVersions', '{"NO_SUCH_SECRET":"1"}'],
    ['alertEmails', 'alice'],
    ['billingAccount', '12345'],
    ['budgetAmount', 'much'],
    ['sizes', '{"intake-service":{"cpu":"3"}}'],
    ['sizes', '{"intake-service":{"disk":"1Gi"}}'],
    ['sizes', '{"intake-service":{"cpu":4}}'],
    ['sizes', '{"intake-service":{"cpu":8,"memory":"2Gi"}}'],
    ['sizes', '{"intake-service":{"memory":"8Gi"}}'],
    ['sizes', '{"intake-service":{"memory":"256Mi"}}'],
    ['alertEmails', 'a@example.com,b@example.com,c@example.com,d@example.com,e@example.com,f@example.com'],
    ['alertEmails', 'a@example.com, a@example.com'],
    ['TASKS_MAX_DISPATCHES_PER_SECOND', '1000'],
    ['githubRepository', 'https://github.com/owner/name'],
    ['bots', '0'],
    ['protectData', 'yes'],
    // These are for the config.ts of a service to judge.
    ['TELEGRAM_CHAT_ID', 'my group'],
    ['SAFE_RPS_SLEEP_MS', 'slowly'],
    ['WEBENGAGE_API_ROOT', 'api.webengage.com'],
    ['LOG_LEVEL', 'loud'],
  ])('%s may not be %s', (name, value) => {
    expect(problemsOf(with_(name, value))).toContain(name);
  });

  test.each([
    [{ cpu: 4, memory: '2Gi' }, ''],
    [{ cpu: 2, memory: '8Gi' }, ''],
    [
      { cpu: 4 },
      'sizes has a wrong intake-service: it has cpu 4 with memory 512Mi: Cloud Run takes 2048Mi to 16384Mi with it',
    ],
  ])('processors and memory that Cloud Run refuses together are found before it is asked: %j', (size, problem) => {
    expect(problemsOf(with_('sizes', JSON.stringify({ 'intake-service': size })))).toMatch(
      problem === '' ? /^$/ : problem,
    );
  });

  test('the bots are counted: with further tokens there are two or more, and without there is one', () => {
    const withTokens = with_('secretVersions', '{"TELEGRAM_BOT_TOKENS":"1"}');
    expect(problemsOf(withTokens)).toContain('bots is 1, but secretVersions names TELEGRAM_BOT_TOKENS');
    expect(problemsOf(with_('bots', '3'))).toContain('bots is 3, but secretVersions names no version');
    expect(problemsOf({ ...withTokens, 'paid-community:bots': '3' })).toBe('');
  });

  test('images of some services only are refused, with the names of the others', () => {
    const [first, ...others] = SERVICES;
    expect(problemsOf(with_('images', JSON.stringify({ [first]: IMAGES[first] })))).toContain(
      `lacks ${others.join(', ')}`,
    );
  });

  test('a secret is no setting: it has nowhere to be in a stack file', () => {
    const secrets = SERVICES.flatMap((service) => serviceVariables(service).secrets.map(({ name }) => name));
    expect(secrets).toEqual(
      expect.arrayContaining(['INTAKE_API_KEYS', 'TELEGRAM_BOT_TOKEN', 'TELEGRAM_WEBHOOK_SECRET', 'WEBENGAGE_API_KEY']),
    );
    const { variables } = stackConfig({
      ...WHOLE,
      ...Object.fromEntries(secrets.map((name) => [`paid-community:${name}`, 'a-secret'])),
    });
    expect(JSON.stringify(variables)).not.toContain('a-secret');
  });
});

describe('two stacks in one project', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'stacks-'));
    writeFileSync(join(folder, 'Pulumi.staging.yaml'), 'config:\n  gcp:project: project-staging\n');
    writeFileSync(join(folder, 'Pulumi.production.yaml'), 'config:\n  gcp:project: "project-production"\n');
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test('are refused, because they would be one system', () => {
    expect(problemsOf(with_('gcp:project', 'project-production'), 'staging', folder)).toContain(
      'gcp:project is that of the stack production too',
    );
    expect(problemsOf(with_('gcp:project', 'project-staging'), 'production', folder)).toContain(
      'gcp:project is that of the stack staging too',
    );
  });

  test('each in its own are fine', () => {
    expect(problemsOf(WHOLE, 'staging', folder)).toBe('');
  });
});

describe('the stack files of the repository', () => {
  const files = readdirSync(import.meta.dirname).filter((file) => /^Pulumi\..+\.yaml$/.test(file));

  test('are one for staging and one for production', () => {
    expect(files.sort()).toEqual(['Pulumi.production.yaml', 'Pulumi.staging.yaml']);
  });

  test.each(files)('%s has settings that exist, and no secret', (file) => {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    const settings = Object.fromEntries(
      [...text.matchAll(/^ {2}([\w:.-]+): "?([^"\n]*)"?$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
    expect(Object.keys(settings).length).toBeGreaterThan(0);
    expect(problemsOf({ ...REQUIRED, ...settings }, file.split('.')[1])).toBe('');
    expect(text).not.toMatch(/secure:|encryptionsalt|token|key/i);
  });
});
