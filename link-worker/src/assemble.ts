import type { Service } from '@paid-community/shared/platform/service/service.ts';
import type { ServicePorts } from '@paid-community/shared/platform/service/service-ports.ts';
import { telegramClaim } from '@paid-community/shared/store-owner/claim.ts';
import { botTokensOf } from '@paid-community/shared/telegram/bot-tokens.ts';
import { createBotApi } from '@paid-community/shared/telegram/bot-api.ts';
import type { LinkWorkerConfig, LinkWorkerProcessConfig } from './config.ts';
import { linkWorker, type LinkWorkerDeps } from './service.ts';

/** What depends on the process that the service runs in. */
export type Surroundings = Pick<LinkWorkerDeps, 'owner' | 'updates' | 'callsTelegramAtStart'>;

type AssembledConfig = LinkWorkerDeps['config'] &
  Pick<LinkWorkerConfig, 'TELEGRAM_API_ROOT'> &
  Pick<LinkWorkerProcessConfig, 'TELEGRAM_WEBHOOK_SECRET'>;

/** The service with its clients of the Bot API. @throws ConfigError when the environment names a proxy that is none. */
export function assembleLinkWorker(config: AssembledConfig, ports: ServicePorts, surroundings: Surroundings): Service {
  const { TELEGRAM_API_ROOT: apiRoot, TELEGRAM_WEBHOOK_SECRET: secrets } = config;
  const botApis = new Map(
    botTokensOf(config).map(({ botId, token }) => [
      botId,
      createBotApi({ apiRoot, token, secrets }, ports.telemetry, ports.clock),
    ]),
  );
  return {
    ...linkWorker({ ...ports, ...surroundings, config, botApis }),
    close: () => {
      for (const api of botApis.values()) api.close();
    },
  };
}

/**
 * It knows only of webhooks, because join-tracker by itself cannot poll. It registers none: a deployment ends with `ops
 * doctor --fix`, which does.
 */
export function byItself(config: LinkWorkerProcessConfig): Surroundings {
  const [secret] = config.TELEGRAM_WEBHOOK_SECRET ?? [];
  return {
    owner: { claim: telegramClaim(config), leaving: config.STORE_OWNER_CHANGE ?? [] },
    updates: () => ({ by: 'webhook', baseUrl: config.WEBHOOK_BASE_URL, secret }),
    callsTelegramAtStart: false,
  };
}
