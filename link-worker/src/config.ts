import {
  executedTasks,
  settingsOfService,
  type ProcessSettings,
  type TaskSettings,
} from '@paid-community/shared/platform/config/gcp-settings.ts';
import { confidentialRootUrl, integer, number, oneOf } from '@paid-community/shared/platform/config/parsers.ts';
import { retentionSettings } from '@paid-community/shared/retention-settings.ts';
import {
  type Config,
  ConfigError,
  type Environment,
  readConfig,
  setting,
  type ValuesOf,
} from '@paid-community/shared/platform/config/settings.ts';
import { storeOwnerSettings } from '@paid-community/shared/store-owner/settings.ts';
import { botTokensOf } from '@paid-community/shared/telegram/bot-tokens.ts';
import { botApiSettings, chatId, webhookSecret } from '@paid-community/shared/telegram/settings.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { PUBLIC_SERVICES } from '@paid-community/shared/topology.ts';
import { withinBounds, type RateBounds } from './bots/pace/rate-state.ts';

const ownSettings = {
  ...retentionSettings,
  ...storeOwnerSettings,
  ...botApiSettings,
  TELEGRAM_CHAT_ID: chatId,
  LINK_TTL_HOURS: setting({
    description: 'hours until an unused link expires; 0 = never',
    parse: number(0, 24 * 365),
    fallback: 0,
  }),
  LINK_POOL_MAX_AGE_HOURS: setting({
    description:
      'hours that a link made ahead may wait in the pool of its community; it is replaced in the last quarter of them',
    parse: number(1, 24 * 365),
    fallback: 24 * 30,
  }),
  MAX_ATTEMPTS: setting({
    description: 'calls to Telegram for one purchase before it is given up to the dead letters; a 429 does not count',
    parse: integer(1, 1_000),
    fallback: 50,
  }),
  BASE_BACKOFF_SEC: setting({
    description: 'seconds until the second attempt; doubles with every further one, up to an hour',
    parse: number(0.001, 3_600),
    fallback: 5,
  }),
  SAFE_RPS_SLEEP_MS: setting({
    description:
      'milliseconds between two link calls of the bot: those to start with, or with LINK_RATE=fixed for good; 0 = no pace, only pauses',
    parse: integer(0, 3_600_000),
    fallback: 220,
  }),
  LINK_RATE: setting({
    description: "adaptive = find Telegram's limit and stay just under it; fixed = keep to SAFE_RPS_SLEEP_MS",
    parse: oneOf('adaptive', 'fixed'),
    fallback: 'adaptive',
  }),
  LINK_RATE_FLOOR_PER_SECOND: setting({
    description: 'link calls per second below which an adaptive rate never goes',
    parse: number(0.001, 1_000),
    fallback: 0.02,
  }),
  LINK_RATE_CEILING_PER_SECOND: setting({
    description: 'link calls per second above which an adaptive rate never goes',
    parse: number(0.001, 1_000),
    // What Telegram names for messages in bulk; for links no limit is published.
    fallback: 30,
  }),
  TASKS_MAX_CONCURRENT_DISPATCHES: setting({
    description: 'link calls of one bot under way at once',
    parse: integer(1, 5_000),
    fallback: 1,
  }),
};

export const linkWorkerSettings = {
  ...ownSettings,
  // On Google Cloud the queue holds its rates itself, as the infrastructure has set them.
  TASKS_MAX_DISPATCHES_PER_SECOND: setting({
    description: 'rate of the queue in front of Telegram, per second for each bot',
    parse: number(0.01, 10_000),
    fallback: inviteQueue.maxDispatchesPerSecond,
  }),
};

export type LinkWorkerConfig = ValuesOf<typeof linkWorkerSettings>;

type RateConfig = Pick<
  LinkWorkerConfig,
  'SAFE_RPS_SLEEP_MS' | 'LINK_RATE' | 'LINK_RATE_FLOOR_PER_SECOND' | 'LINK_RATE_CEILING_PER_SECOND'
>;

/** @throws ConfigError when the floor is above the ceiling. */
export function rateBounds({
  SAFE_RPS_SLEEP_MS,
  LINK_RATE,
  LINK_RATE_FLOOR_PER_SECOND,
  LINK_RATE_CEILING_PER_SECOND,
}: RateConfig): RateBounds {
  const adaptive = LINK_RATE === 'adaptive' && SAFE_RPS_SLEEP_MS > 0;
  const perSecond = 1_000 / SAFE_RPS_SLEEP_MS;
  if (LINK_RATE_FLOOR_PER_SECOND > LINK_RATE_CEILING_PER_SECOND) {
    throw new ConfigError(['LINK_RATE_FLOOR_PER_SECOND must not be above LINK_RATE_CEILING_PER_SECOND']);
  }
  const bounds = {
    adaptive,
    floorPerSecond: LINK_RATE_FLOOR_PER_SECOND,
    ceilingPerSecond: LINK_RATE_CEILING_PER_SECOND,
  };
  return { ...bounds, startPerSecond: adaptive ? withinBounds(perSecond, bounds) : perSecond };
}

/** join-tracker takes the updates; but only this service has the token with which its webhook is registered. */
const webhookSettings = {
  WEBHOOK_BASE_URL: setting({
    description:
      'public https URL of join-tracker: `ops doctor` holds the registered webhook against it, and --fix registers it; without it nobody does',
    parse: confidentialRootUrl(),
    fallback: undefined,
  }),
  TELEGRAM_WEBHOOK_SECRET: setting({
    ...webhookSecret,
    description: 'the same as that of join-tracker, for `ops doctor --fix`',
    fallback: undefined,
  }),
};

const processOwnSettings = { ...ownSettings, ...webhookSettings };

type LinkWorkerProcessSettings = ProcessSettings<typeof processOwnSettings, TaskSettings>;

export type LinkWorkerProcessConfig = ValuesOf<LinkWorkerProcessSettings>;

/** What this service reads when it runs by itself; the infrastructure program sets these variables. */
export function processSettings(environment: Environment): LinkWorkerProcessSettings {
  const isPublic = PUBLIC_SERVICES.has('link-worker');
  return settingsOfService(
    { service: 'link-worker', isPublic, tasks: executedTasks(inviteQueue), own: processOwnSettings },
    environment,
  );
}

/**
 * What this service needs when it runs by itself. @throws ConfigError that lists everything that is missing or wrong.
 */
export function readProcessConfig(environment: Environment = process.env): Config<LinkWorkerProcessSettings> {
  const config = readConfig(environment, processSettings(environment));
  rateBounds(config.values);
  botTokensOf(config.values);
  return config;
}
