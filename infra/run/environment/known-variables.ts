import { processSettings as eventEmitterSettings } from '@paid-community/event-emitter/config.ts';
import { processSettings as intakeSettings } from '@paid-community/intake-service/config.ts';
import { processSettings as joinTrackerSettings } from '@paid-community/join-tracker/config.ts';
import { processSettings as linkWorkerSettings } from '@paid-community/link-worker/config.ts';
import type { Settings } from '@paid-community/shared/platform/config/settings.ts';
import { localSettings } from '../local/settings.ts';

const TABLES: readonly Settings[] = [
  localSettings,
  intakeSettings({}),
  linkWorkerSettings({}),
  joinTrackerSettings({}),
  eventEmitterSettings({}),
];

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'];

/** Every variable that some part of this program reads, in every way to start it. */
export const KNOWN_VARIABLES: readonly string[] = [
  ...new Set([
    ...TABLES.flatMap((table) => Object.entries(table).flatMap(([name, { aliases = [] }]) => [name, ...aliases])),
    ...['OPERATOR_URL', 'OPERATOR_API_KEY'],
    ...PROXIES.flatMap((name) => [name, name.toLowerCase()]),
    // Read by Node, by Google's clients, and to format a time.
    ...[
      'TZ',
      'NO_COLOR',
      'FORCE_COLOR',
      'METADATA_SERVER_DETECTION',
      'GOOGLE_APPLICATION_CREDENTIALS',
      'GRPC_VERBOSITY',
      'GRPC_TRACE',
    ],
  ]),
];
