import { eventEmitterSettings } from '@paid-community/event-emitter/config.ts';
import { intakeSettings } from '@paid-community/intake-service/config.ts';
import { joinTrackerSettings } from '@paid-community/join-tracker/config.ts';
import { linkWorkerSettings } from '@paid-community/link-worker/config.ts';
import { telemetrySettings } from '@paid-community/shared/platform/config/telemetry-settings.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import type { LocalConfig } from '../local/settings.ts';

const OWN_SETTINGS: Readonly<Record<ServiceName, object>> = {
  'intake-service': intakeSettings,
  'link-worker': linkWorkerSettings,
  'join-tracker': joinTrackerSettings,
  'event-emitter': eventEmitterSettings,
};

export interface EnvironmentOptions {
  readonly values: LocalConfig['values'];
  readonly project: string;
  readonly location: string;
  readonly emulators: { readonly firestoreHost: string; readonly pubsubHost: string; readonly cloudTasksHost: string };
  readonly portOf: (service: ServiceName) => number;
}

/** The variables of one service: its own, and no other's. */
export function environmentOf(
  service: ServiceName,
  { values, project, location, emulators, portOf }: EnvironmentOptions,
): Record<string, string> {
  // Each process is named after its service.
  const telemetry = Object.keys(telemetrySettings).filter((name) => name !== 'OTEL_SERVICE_NAME');
  const own = [...Object.keys(OWN_SETTINGS[service]), ...telemetry].flatMap((name) => {
    const text = toText((values as Readonly<Record<string, unknown>>)[name]);
    return text === undefined ? [] : [[name, text] as const];
  });
  const webhookVariables = (): Record<string, string> => ({
    WEBHOOK_BASE_URL: values.BASE_URL ?? `http://127.0.0.1:${portOf('join-tracker')}`,
    TELEGRAM_WEBHOOK_SECRET: values.TELEGRAM_WEBHOOK_SECRET.join(','),
  });
  return {
    ...Object.fromEntries(own),
    BACKEND: 'gcp',
    HOST: values.HOST,
    PORT: String(portOf(service)),
    LOG_LEVEL: values.LOG_LEVEL,
    GCP_PROJECT: project,
    PUBSUB_EMULATOR_HOST: emulators.pubsubHost,
    FIRESTORE_EMULATOR_HOST: emulators.firestoreHost,
    // Emulators sign nothing.
    PUSH_AUTHENTICATION: 'off',
    BASE_URL: `http://127.0.0.1:${portOf(service)}`,
    METADATA_SERVER_DETECTION: 'none',
    ...(service === 'event-emitter'
      ? {}
      : { GCP_LOCATION: location, CLOUD_TASKS_EMULATOR_HOST: emulators.cloudTasksHost }),
    ...(service === 'intake-service' || service === 'join-tracker'
      ? { LINK_WORKER_URL: `http://127.0.0.1:${portOf('link-worker')}` }
      : {}),
    ...(service === 'link-worker' ? webhookVariables() : {}),
    // Optional there, and set by the infrastructure program: whose join it is must be known also while the store is
    // empty.
    ...(service === 'join-tracker' ? { TELEGRAM_CHAT_ID: values.TELEGRAM_CHAT_ID } : {}),
  };
}

// A setting's value is a text, a number, a yes or no, a list of texts, or pairs of texts.
function toText(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.join(',');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, text]) => `${name}=${encodeURIComponent(String(text))}`)
      .join(',');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
