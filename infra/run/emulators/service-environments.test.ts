import { readProcessConfig as readEventEmitterConfig } from '@paid-community/event-emitter/config.ts';
import { readProcessConfig as readIntakeConfig } from '@paid-community/intake-service/config.ts';
import { readProcessConfig as readJoinTrackerConfig } from '@paid-community/join-tracker/config.ts';
import { readProcessConfig as readLinkWorkerConfig } from '@paid-community/link-worker/config.ts';
import { expect, test } from '@jest/globals';
import { environmentOf } from './service-environments.ts';
import { EMULATED_API_KEY, readEmulatedSettings } from './settings.ts';

const READERS = {
  'intake-service': readIntakeConfig,
  'link-worker': readLinkWorkerConfig,
  'join-tracker': readJoinTrackerConfig,
  'event-emitter': readEventEmitterConfig,
} as const;
const emulators = { firestoreHost: '127.0.0.1:1', pubsubHost: '127.0.0.1:2', cloudTasksHost: '127.0.0.1:3' };

test.each(Object.keys(READERS) as (keyof typeof READERS)[])(
  '%s starts on emulators without any setting, as `npm run start:emulators` promises',
  (service) => {
    const { values, project, location } = readEmulatedSettings({});
    const environment = environmentOf(service, { values, project, location, emulators, portOf: () => 8080 });
    expect(() => READERS[service](environment)).not.toThrow();
  },
);

test('keys that are set are kept', () => {
  const INTAKE_API_KEYS = 'intake-key-of-a-test';
  expect(readEmulatedSettings({ INTAKE_API_KEYS }).values.INTAKE_API_KEYS).toEqual([INTAKE_API_KEYS]);
  expect(readEmulatedSettings({}).values.INTAKE_API_KEYS).toEqual([EMULATED_API_KEY]);
});
