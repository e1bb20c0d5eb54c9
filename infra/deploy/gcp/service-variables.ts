import * as eventEmitterConfig from '@paid-community/event-emitter/config.ts';
import * as intakeConfig from '@paid-community/intake-service/config.ts';
import * as joinTrackerConfig from '@paid-community/join-tracker/config.ts';
import * as linkWorkerConfig from '@paid-community/link-worker/config.ts';
import type { Environment, Setting, Settings } from '@paid-community/shared/platform/config/settings.ts';
import { eventEmitter, intakeService, joinTracker, linkWorker } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';

// Which variables a service has is for its own config.ts to say: what is added there is a setting or a secret here,
// without a line in this program.

const settingsOf: Readonly<Record<ServiceName, (environment: Environment) => Settings>> = {
  [intakeService]: intakeConfig.processSettings,
  [linkWorker]: linkWorkerConfig.processSettings,
  [joinTracker]: joinTrackerConfig.processSettings,
  [eventEmitter]: eventEmitterConfig.processSettings,
};

/** Set by the program, from what it declares (environment.ts). */
const KNOWN_HERE = [
  'BACKEND',
  'GCP_PROJECT',
  'GCP_LOCATION',
  'FIRESTORE_DATABASE',
  'TASKS_QUEUE',
  'TASKS_SERVICE_ACCOUNT',
  'BASE_URL',
  'PUSH_AUTHENTICATION',
  'PUSH_SERVICE_ACCOUNT',
  'LINK_WORKER_URL',
  'WEBHOOK_BASE_URL',
] as const;

/**
 * Cloud Run sets the port; emulators have no place on Google Cloud; the audience is the URL; updates
 * come by webhook; a trace bears the name of the service.
 */
const NEVER_SET = /^(PORT|HOST|PUSH_AUDIENCE|TELEGRAM_UPDATES|OTEL_SERVICE_NAME|.+_EMULATOR_HOST)$/;

export type KnownVariable = (typeof KNOWN_HERE)[number];

export interface ServiceVariables {
  readonly known: readonly KnownVariable[];
  /** From Secret Manager, under these very names. */
  readonly secrets: readonly { readonly name: string; readonly required: boolean; readonly description: string }[];
  /** From the stack's settings of the same name. */
  readonly settings: Readonly<Record<string, Setting<unknown>>>;
}

export function serviceVariables(service: ServiceName): ServiceVariables {
  const all = Object.entries(settingsOf[service]({}));
  const others = all.filter(([name]) => !KNOWN_HERE.some((known) => known === name) && !NEVER_SET.test(name));
  return {
    known: KNOWN_HERE.filter((known) => all.some(([name]) => name === known)),
    secrets: others
      .filter(([, setting]) => setting.secret !== undefined)
      .map(([name, setting]) => ({ name, required: !('fallback' in setting), description: setting.description })),
    settings: Object.fromEntries(others.filter(([, setting]) => setting.secret === undefined)),
  };
}

/** One setting for each name, of a service that needs it if there is one, else of a service that reads it. */
export function onePerName<T extends object>(
  ofServices: readonly Readonly<Record<string, T>>[],
): Readonly<Record<string, T>> {
  const all = ofServices.flatMap((settings) => Object.entries(settings));
  const isNeeded = ([, setting]: readonly [string, T]): boolean => !('fallback' in setting);
  // Each stays in the place where its name comes first.
  return Object.fromEntries([...all, ...all.filter(isNeeded)]);
}
