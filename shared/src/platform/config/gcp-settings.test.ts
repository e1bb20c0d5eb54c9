import { describe, expect, test } from '@jest/globals';
import { inviteQueue } from '../../model/queues.ts';
import { PUBLIC_SERVICES, SERVICES } from '../../topology.ts';
import { executedTasks, noTasks, settingsOfService } from './gcp-settings.ts';
import { ConfigError, readSettings, type Environment } from './settings.ts';
import { telemetrySettings } from './telemetry-settings.ts';

const REQUIRED = { BACKEND: 'gcp', GCP_PROJECT: 'project-1', BASE_URL: 'https://worker.example/' };
const ACCOUNTS = {
  PUSH_SERVICE_ACCOUNT: 'push@project-1.iam.gserviceaccount.com',
  TASKS_SERVICE_ACCOUNT: 'tasks@project-1.iam.gserviceaccount.com',
};
const EMULATORS = {
  PUBSUB_EMULATOR_HOST: '127.0.0.1:8085',
  FIRESTORE_EMULATOR_HOST: 'localhost:8080',
  CLOUD_TASKS_EMULATOR_HOST: '127.0.0.1:8123',
};

function read(environment: Environment): object {
  const needs = { service: 'link-worker', isPublic: false, tasks: executedTasks(inviteQueue), own: {} } as const;
  return readSettings(environment, settingsOfService(needs, environment));
}

function problemsOf(environment: Environment): string {
  try {
    read(environment);
    return '';
  } catch (error) {
    return error instanceof ConfigError ? error.problems.join('\n') : 'not a ConfigError';
  }
}

describe('settings of a service on Google Cloud', () => {
  test('what is not set has the values that Google Cloud needs', () => {
    expect(read({ ...REQUIRED, ...ACCOUNTS })).toEqual({
      ...readSettings({}, telemetrySettings),
      OTEL_TRACES_SAMPLER: 'always_on',
      ...REQUIRED,
      ...ACCOUNTS,
      BASE_URL: 'https://worker.example',
      PORT: 8080,
      HOST: '0.0.0.0',
      HTTP_KEEP_ALIVE_SECONDS: 65,
      LOG_LEVEL: 'info',
      PUBSUB_EMULATOR_HOST: undefined,
      FIRESTORE_DATABASE: '(default)',
      FIRESTORE_EMULATOR_HOST: undefined,
      CLOUD_TASKS_EMULATOR_HOST: undefined,
      PUSH_AUTHENTICATION: 'on',
      PUSH_AUDIENCE: undefined,
      GCP_LOCATION: 'asia-south1',
      TASKS_QUEUE: 'tg-invite-queue',
    });
  });

  test('everything that is missing is listed', () => {
    for (const name of ['BACKEND', 'GCP_PROJECT', 'BASE_URL', 'PUSH_SERVICE_ACCOUNT', 'TASKS_SERVICE_ACCOUNT']) {
      expect(problemsOf({})).toMatch(new RegExp(`^${name} is missing`, 'm'));
    }
  });

  test('embedded is refused, with the way to run it', () => {
    expect(problemsOf({ ...REQUIRED, ...ACCOUNTS, BACKEND: 'embedded' })).toMatch(
      /BACKEND must be gcp here: embedded runs all four services in one process, which `npm start` does/,
    );
  });

  test('authentication is switched off only when every emulator is set', () => {
    expect(problemsOf({ ...REQUIRED, ...EMULATORS, PUSH_AUTHENTICATION: 'off' })).toBe('');
    for (const name of Object.keys(EMULATORS)) {
      expect(problemsOf({ ...REQUIRED, ...EMULATORS, [name]: '', PUSH_AUTHENTICATION: 'off' })).toContain(
        `PUSH_AUTHENTICATION may be off only with emulators; not set: ${name}`,
      );
    }
    // With accounts too: the switch itself is what is refused.
    expect(problemsOf({ ...REQUIRED, ...ACCOUNTS, PUSH_AUTHENTICATION: 'off' })).toContain(
      'PUSH_AUTHENTICATION may be off only',
    );
    expect(problemsOf({ ...REQUIRED, ...ACCOUNTS, PUSH_AUTHENTICATION: 'OFF' })).toContain(
      'PUSH_AUTHENTICATION must be one of: on, platform, off',
    );
  });

  test.each(SERVICES)(
    '%s leaves the signature of tokens to the platform only where the platform checks the callers',
    (service) => {
      const environment = { ...REQUIRED, ...ACCOUNTS, PUSH_AUTHENTICATION: 'platform' };
      const needs = { service, isPublic: PUBLIC_SERVICES.has(service), tasks: noTasks, own: {} };
      const reading = (): object => readSettings(environment, settingsOfService(needs, environment));
      if (PUBLIC_SERVICES.has(service))
        expect(reading).toThrow(/PUSH_AUTHENTICATION must not be platform for .*: the public reaches it/);
      else expect(reading()).toMatchObject({ PUSH_AUTHENTICATION: 'platform' });
    },
  );
});
