import { ConfigError, type Environment } from '@paid-community/shared/platform/config/settings.ts';

// What each setting by itself cannot see: settings that do not go together, and those that do nothing beside the
// others.

export interface Simulated {
  readonly telegram: boolean;
  readonly webEngage: boolean;
}

/** A person who sets one of these means the real side. The roots have a default, which .env.example names. */
const SIDES = [
  {
    side: 'telegram',
    name: 'Telegram',
    credential: 'TELEGRAM_BOT_TOKEN',
    others: [
      'TELEGRAM_BOT_TOKENS',
      'TELEGRAM_CHAT_ID',
      'TELEGRAM_CHANNEL_ID',
      'TELEGRAM_WEBHOOK_SECRET',
      'TELEGRAM_API_ROOT',
    ],
  },
  {
    side: 'webEngage',
    name: 'WebEngage',
    credential: 'WEBENGAGE_API_KEY',
    others: ['WEBENGAGE_LICENSE_CODE', 'WEBENGAGE_API_ROOT'],
  },
] as const;

const DEFAULTS: readonly string[] = ['https://api.telegram.org', 'https://api.webengage.com'];

/**
 * A side with some of its settings and without its credential would be simulated, and its buyers would be told nothing.
 * @throws ConfigError
 */
export function refuseHalfSides(environment: Environment, simulated: Simulated): void {
  const problems = SIDES.filter(({ side }) => simulated[side]).flatMap(({ name, credential, others }) => {
    const set = others.filter(
      (other) => !isUnset(environment, other) && !DEFAULTS.includes(environment[other]?.trim() ?? ''),
    );
    return set.length === 0
      ? []
      : [
          `${credential} is missing, though ${set.join(' and ')} ${set.length === 1 ? 'is' : 'are'} set: set it too, or none of them for a simulated ${name}`,
        ];
  });
  if (problems.length > 0) throw new ConfigError(problems);
}

const HIGHEST_PORT = 65_535;
const SIMULATOR_OFFSET = 10;

interface Ports {
  readonly PORT: number;
  readonly SIMULATOR_PORT: number | undefined;
}

/** Where the simulators listen; 0 takes any free port. */
export function simulatorPort({ PORT, SIMULATOR_PORT }: Ports): number {
  return SIMULATOR_PORT ?? (PORT === 0 ? 0 : PORT + SIMULATOR_OFFSET);
}

/** `used` = ports from PORT on that this system takes. @throws ConfigError */
export function refusePorts(values: Ports, simulated: Simulated, used = 1): void {
  const { PORT, SIMULATOR_PORT } = values;
  const problems: string[] = [];
  if (PORT + used - 1 > HIGHEST_PORT)
    problems.push(`PORT must be ${HIGHEST_PORT - used + 1} at most: ${used} ports are taken from there on`);
  if (simulated.telegram || simulated.webEngage) {
    const port = simulatorPort(values);
    if (port > HIGHEST_PORT)
      problems.push(
        `PORT must be ${HIGHEST_PORT - SIMULATOR_OFFSET} at most, because the simulators take PORT + ${SIMULATOR_OFFSET}; or set SIMULATOR_PORT`,
      );
    if (PORT !== 0 && port >= PORT && port < PORT + used)
      problems.push(
        `SIMULATOR_PORT ${SIMULATOR_PORT ?? port} must not be ${used === 1 ? 'PORT' : `one of the ${used} ports from PORT on`}: give each its own`,
      );
  }
  if (problems.length > 0) throw new ConfigError(problems);
}

/** A sentence for each setting that has no effect beside the others. */
export function idleSettings(environment: Environment, simulated: Simulated): readonly string[] {
  const isSet = (name: string): boolean => !isUnset(environment, name);
  const polling = environment['TELEGRAM_UPDATES']?.trim() === 'polling';
  const sentences: string[] = [];
  if (simulated.telegram && isSet('BASE_URL')) sentences.push('BASE_URL does nothing while Telegram is simulated');
  if (!simulated.telegram && polling) {
    const idle = ['BASE_URL', 'TELEGRAM_WEBHOOK_SECRET'].filter(isSet);
    if (idle.length > 0)
      sentences.push(
        `${idle.join(' and ')} ${idle.length === 1 ? 'does' : 'do'} nothing with TELEGRAM_UPDATES=polling`,
      );
  }
  if (!simulated.telegram && !polling && !isSet('BASE_URL')) {
    sentences.push(
      'TELEGRAM_UPDATES=webhook without BASE_URL: joins arrive only if the webhook is registered by somebody else; set BASE_URL to the public https URL, or TELEGRAM_UPDATES=polling',
    );
  }
  return sentences;
}

/** An empty line in .env means "not set". */
export function isUnset(environment: Environment, name: string): boolean {
  return (environment[name] ?? '').trim() === '';
}
