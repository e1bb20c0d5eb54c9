import { integer, keys, matching, oneOf, text } from './parsers.ts';
import { setting, type ValuesOf } from './settings.ts';
import { telemetrySettings } from './telemetry-settings.ts';

/** The settings of every process, with all services or one. */
export const platformSettings = {
  BACKEND: setting({
    description:
      'where messages, tasks and documents live; embedded = SQLite under DATA_DIR, all services in one process',
    parse: (input) => {
      if (input === 'embedded') return 'embedded';
      throw new Error(
        'must be embedded here: on gcp each service runs by itself, `npm run start:emulators` or `node <service>/src/main.ts`',
      );
    },
    fallback: 'embedded',
  }),
  PORT: setting({
    description: 'TCP port of the HTTP server; 0 takes any free one',
    parse: integer(0, 65_535),
    fallback: 8080,
  }),
  HOST: setting({
    description:
      'address that the HTTP server listens on; 0.0.0.0 for all of them, where something in front protects it',
    parse: matching(/^[A-Za-z0-9.:%_-]+$/, 'an address or a host name, without scheme and port'),
    fallback: '127.0.0.1',
  }),
  HTTP_KEEP_ALIVE_SECONDS: setting({
    description:
      'seconds that the HTTP server keeps an idle connection; above those of the balancer in front, or it answers 502 now and then',
    parse: integer(1, 3_600),
    fallback: 65,
  }),
  DATA_DIR: setting({ description: 'folder of the embedded database', parse: text(), fallback: '.data' }),
  LOG_LEVEL: setting({
    description: 'least severe log line that is printed: debug, info, warn, error or silent',
    parse: oneOf('debug', 'info', 'warn', 'error', 'silent'),
    fallback: 'info',
  }),
  METRICS_API_KEYS: setting({
    description: 'keys that may read GET /metrics, comma-separated; when empty everybody may who reaches the port',
    parse: keys(),
    fallback: undefined,
    secret: true,
    distinct: true,
  }),
  ...telemetrySettings,
};

export type PlatformConfig = ValuesOf<typeof platformSettings>;
