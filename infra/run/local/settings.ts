import { randomBytes } from 'node:crypto';
import { eventEmitterSettings } from '@paid-community/event-emitter/config.ts';
import { intakeSettings } from '@paid-community/intake-service/config.ts';
import { joinTrackerSettings } from '@paid-community/join-tracker/config.ts';
import { linkWorkerSettings, rateBounds } from '@paid-community/link-worker/config.ts';
import { isLoopback } from '@paid-community/shared/platform/config/hosts.ts';
import { integer, number } from '@paid-community/shared/platform/config/parsers.ts';
import { platformSettings } from '@paid-community/shared/platform/config/platform-settings.ts';
import {
  type Environment,
  readSettings,
  secretTexts,
  setting,
  type ValuesOf,
} from '@paid-community/shared/platform/config/settings.ts';
import { healthCheckSchedule, linkPoolSchedule, membershipSchedule } from '@paid-community/shared/topology.ts';
import { telegramClaim, webEngageClaim } from '@paid-community/shared/store-owner/claim.ts';
import { botTokensOf } from '@paid-community/shared/telegram/bot-tokens.ts';
import type { StoreClaims } from '@paid-community/shared/store-owner/claim-store.ts';
import { idleSettings, isUnset, refuseHalfSides, refusePorts, type Simulated } from './contradictions.ts';
import { SIMULATED_BOT_TOKEN, SIMULATED_BOT_TOKENS, SIMULATED_CHAT_ID } from './simulated-communities.ts';

/** The key of a system that talks to nobody real. Printed at start, so that curl can be tried at once. */
export const SIMULATION_API_KEY = 'local-key';
/** Opens the operator API of such a system. */
export const SIMULATION_OPERATOR_KEY = 'local-operator-key';
const SIMULATED_LICENSE_CODE = 'simulated';

const SIMULATED_CLAIMS = {
  telegram: telegramClaim(
    { TELEGRAM_BOT_TOKEN: SIMULATED_BOT_TOKEN, TELEGRAM_CHAT_ID: String(SIMULATED_CHAT_ID) },
    'simulated',
  ),
  webengage: webEngageClaim(
    { WEBENGAGE_LICENSE_CODE: SIMULATED_LICENSE_CODE, WEBENGAGE_API_ROOT: 'http://simulated' },
    'simulated',
  ),
};

const watchSettings = {
  HEALTH_CHECK_MINUTES: setting({
    description:
      'minutes between two looks at the bot, its rights, the webhook and WebEngage; what turned bad is an error line; 0 = never',
    parse: number(0, 24 * 60),
    fallback: healthCheckSchedule.everyMinutes,
  }),
  LINK_POOL_TICK_SECONDS: setting({
    description: 'seconds between two looks at the pools of links; 0 = never',
    parse: number(0, 3_600),
    fallback: linkPoolSchedule.everyMinutes * 60,
  }),
  MEMBERSHIP_TICK_SECONDS: setting({
    description: 'seconds between two looks at what is due of memberships: reminders, ends, removals; 0 = never',
    parse: number(0, 3_600),
    fallback: membershipSchedule.everyMinutes * 60,
  }),
};

const simulatorSettings = {
  SIMULATOR_PORT: setting({
    description: 'TCP port of the built-in simulators; PORT + 10 by default',
    parse: integer(0, 65_535),
    fallback: undefined,
  }),
  SIMULATOR_LINKS_PER_SECOND: setting({
    description: 'link calls per second that the simulated Telegram allows before it answers 429',
    parse: number(0.01, 1_000_000),
    fallback: 30,
  }),
};

/** Every variable of the one-process system; .env.example is held against it. */
export const localSettings = {
  ...platformSettings,
  ...intakeSettings,
  ...linkWorkerSettings,
  ...joinTrackerSettings,
  ...eventEmitterSettings,
  ...watchSettings,
  ...simulatorSettings,
};

export interface LocalConfig {
  readonly values: ValuesOf<typeof localSettings>;
  /** Sides that are simulated because their credentials are not set. */
  readonly simulated: Simulated;
  readonly secrets: readonly string[];
  /** Whose store it may be. */
  readonly owners: StoreClaims;
  /** Settings that do nothing as they are; a sentence each. */
  readonly warnings: readonly string[];
}

/** @throws ConfigError that lists everything that is missing or wrong. */
export function readLocalSettings(environment: Environment = process.env): LocalConfig {
  const simulated = {
    telegram: isUnset(environment, 'TELEGRAM_BOT_TOKEN'),
    webEngage: isUnset(environment, 'WEBENGAGE_API_KEY'),
  };
  refuseHalfSides(environment, simulated);
  const filledIn: Environment = {
    ...environment,
    ...(simulated.telegram
      ? {
          TELEGRAM_BOT_TOKEN: SIMULATED_BOT_TOKEN,
          TELEGRAM_BOT_TOKENS: SIMULATED_BOT_TOKENS,
          TELEGRAM_CHAT_ID: String(SIMULATED_CHAT_ID),
          TELEGRAM_CHANNEL_ID: '',
          TELEGRAM_API_ROOT: '',
          BASE_URL: '',
        }
      : {}),
    ...(simulated.webEngage
      ? { WEBENGAGE_API_KEY: 'simulated-key', WEBENGAGE_LICENSE_CODE: SIMULATED_LICENSE_CODE, WEBENGAGE_API_ROOT: '' }
      : {}),
    // Nothing outside knows the secret in these two cases: the simulator is told it, and polling uses none.
    ...(isUnset(environment, 'TELEGRAM_WEBHOOK_SECRET') &&
    (simulated.telegram || environment['TELEGRAM_UPDATES']?.trim() === 'polling')
      ? { TELEGRAM_WEBHOOK_SECRET: randomBytes(24).toString('hex') }
      : {}),
  };
  const values = readSettings(
    filledIn,
    simulated.telegram && simulated.webEngage ? withKnownKeys(environment) : localSettings,
  );
  rateBounds(values);
  botTokensOf(values);
  refusePorts(values, simulated);
  const owners = {
    claims: claimsOf(values, simulated),
    simulated: SIMULATED_CLAIMS,
    leaving: values.STORE_OWNER_CHANGE ?? [],
  };
  return {
    values,
    simulated,
    owners,
    secrets: secretTexts(environment, localSettings),
    warnings: idleSettings(environment, simulated),
  };
}

/** The key of the first operator, for what the start itself does as an operator would. */
export function operatorKeyOf({ OPERATOR_API_KEYS: [namedKey = ''] }: LocalConfig['values']): string {
  return namedKey.slice(namedKey.indexOf(':') + 1);
}

/** Keys that everybody can read here open a system that talks to nobody real, and only to this machine. */
function withKnownKeys(environment: Environment): typeof localSettings {
  const { INTAKE_API_KEYS, OPERATOR_API_KEYS } = localSettings;
  const host = environment['HOST']?.trim() ?? '';
  if (host !== '' && !isLoopback(host)) {
    const why = 'it can be left out only where HOST is an address of this machine alone, such as 127.0.0.1';
    return {
      ...localSettings,
      INTAKE_API_KEYS: { ...INTAKE_API_KEYS, description: `${INTAKE_API_KEYS.description}; ${why}` },
      OPERATOR_API_KEYS: { ...OPERATOR_API_KEYS, description: `${OPERATOR_API_KEYS.description}; ${why}` },
    };
  }
  return {
    ...localSettings,
    INTAKE_API_KEYS: { ...INTAKE_API_KEYS, fallback: [SIMULATION_API_KEY] },
    OPERATOR_API_KEYS: { ...OPERATOR_API_KEYS, fallback: [`local:${SIMULATION_OPERATOR_KEY}`] },
  };
}

function claimsOf(values: LocalConfig['values'], simulated: Simulated): StoreClaims['claims'] {
  return [
    simulated.telegram ? SIMULATED_CLAIMS.telegram : telegramClaim(values),
    simulated.webEngage ? SIMULATED_CLAIMS.webengage : webEngageClaim(values),
  ];
}
