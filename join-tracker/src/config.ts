import {
  remoteTasks,
  settingsOfService,
  type ProcessSettings,
  type RemoteTaskSettings,
} from '@paid-community/shared/platform/config/gcp-settings.ts';
import { confidentialRootUrl, integer, number, oneOf } from '@paid-community/shared/platform/config/parsers.ts';
import { retentionSettings } from '@paid-community/shared/retention-settings.ts';
import {
  type Config,
  type Environment,
  readConfig,
  setting,
  type ValuesOf,
} from '@paid-community/shared/platform/config/settings.ts';
import { chatId, webhookSecret } from '@paid-community/shared/telegram/settings.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { PUBLIC_SERVICES } from '@paid-community/shared/topology.ts';

const membershipSettings = {
  REMOVAL_BREAKER_PERCENT: setting({
    description:
      'when more people of a community than this share of those inside are to be removed within an hour, none is until an operator releases them',
    parse: number(0, 100),
    fallback: 5,
  }),
  REMOVAL_BREAKER_LEAST: setting({
    description: 'so many removals an hour are let go in any community, however small it is',
    parse: integer(0, 1_000_000),
    fallback: 10,
  }),
  DISPUTE_SUSPENDS: setting({
    description: 'whether an open dispute of a payment takes its access away until it is closed',
    parse: oneOf('true', 'false'),
    fallback: 'false',
  }),
};

/** How Telegram's updates reach this service, and what it does with memberships. */
export const joinTrackerSettings = {
  ...retentionSettings,
  ...membershipSettings,
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
  ...membershipSettings,
  TELEGRAM_CHAT_ID: ownChat,
  TELEGRAM_UPDATES: webhookOnly,
  TELEGRAM_WEBHOOK_SECRET: joinTrackerSettings.TELEGRAM_WEBHOOK_SECRET,
};

type JoinTrackerProcessSettings = ProcessSettings<typeof ownSettings, RemoteTaskSettings>;

export type JoinTrackerProcessConfig = ValuesOf<JoinTrackerProcessSettings>;

/** What this service reads when it runs by itself; the infrastructure program sets these variables. */
export function processSettings(environment: Environment): JoinTrackerProcessSettings {
  const isPublic = PUBLIC_SERVICES.has('join-tracker');
  return settingsOfService(
    { service: 'join-tracker', isPublic, tasks: remoteTasks(inviteQueue), own: ownSettings },
    environment,
  );
}

/**
 * What this service needs when it runs by itself. @throws ConfigError that lists everything that is missing or wrong.
 */
export function readProcessConfig(environment: Environment = process.env): Config<JoinTrackerProcessSettings> {
  return readConfig(environment, processSettings(environment));
}
