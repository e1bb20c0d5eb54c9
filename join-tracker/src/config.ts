import {
  noTasks,
  settingsOfService,
  type ProcessSettings,
} from '@paid-community/shared/platform/config/gcp-settings.ts';
import { confidentialRootUrl, oneOf } from '@paid-community/shared/platform/config/parsers.ts';
import { retentionSettings } from '@paid-community/shared/retention-settings.ts';
import {
  type Config,
  type Environment,
  readConfig,
  setting,
  type ValuesOf,
} from '@paid-community/shared/platform/config/settings.ts';
import { chatId, webhookSecret } from '@paid-community/shared/telegram/settings.ts';
import { PUBLIC_SERVICES } from '@paid-community/shared/topology.ts';

/** How Telegram's updates reach this service. */
export const joinTrackerSettings = {
  ...retentionSettings,
  TELEGRAM_UPDATES: setting({
    description:
      'webhook = Telegram calls POST /v1/telegram/webhook; polling = this process asks Telegram, so no public URL is needed',
    parse: oneOf('webhook', 'polling'),
    fallback: 'webhook',
  }),
  TELEGRAM_WEBHOOK_SECRET: webhookSecret,
  BASE_URL: setting({
    description: 'public https URL of this system, such as https://pay.example.com; the webhook is registered under it',
    parse: confidentialRootUrl(),
    fallback: undefined,
  }),
};

export type JoinTrackerConfig = ValuesOf<typeof joinTrackerSettings>;

/**
 * Several instances cannot share one poll; and the webhook is registered by link-worker, so that no token is needed
 * here.
 */
const webhookOnly = setting({
  ...joinTrackerSettings.TELEGRAM_UPDATES,
  fallback: 'webhook',
  description: 'only webhook where this service runs by itself',
  parse: oneOf('webhook'),
});
/**
 * Without it the service waits until link-worker's report says which chat is ours; until then joins through our own
 * links count, and no others.
 */
const ownChat = setting({
  ...chatId,
  description: `${chatId.description}; the same as that of link-worker`,
  fallback: undefined,
});
const ownSettings = {
  ...retentionSettings,
  TELEGRAM_CHAT_ID: ownChat,
  TELEGRAM_UPDATES: webhookOnly,
  TELEGRAM_WEBHOOK_SECRET: joinTrackerSettings.TELEGRAM_WEBHOOK_SECRET,
};

type JoinTrackerProcessSettings = ProcessSettings<typeof ownSettings, object>;

export type JoinTrackerProcessConfig = ValuesOf<JoinTrackerProcessSettings>;

/** What this service reads when it runs by itself; the infrastructure program sets these variables. */
export function processSettings(environment: Environment): JoinTrackerProcessSettings {
  const isPublic = PUBLIC_SERVICES.has('join-tracker');
  return settingsOfService({ service: 'join-tracker', isPublic, tasks: noTasks, own: ownSettings }, environment);
}

/**
 * What this service needs when it runs by itself. @throws ConfigError that lists everything that is missing or wrong.
 */
export function readProcessConfig(environment: Environment = process.env): Config<JoinTrackerProcessSettings> {
  return readConfig(environment, processSettings(environment));
}
