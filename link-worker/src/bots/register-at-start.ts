import { hasOpenCode } from '@paid-community/shared/communities/open-codes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { Bot } from './bot.ts';
import type { UpdatesSetting } from '../health/webhook-findings.ts';
import { registerWebhook, type RegistrationDeps } from './register-webhook.ts';

/**
 * Sees to it that Telegram's updates of every bot reach its webhook of this system. With polling, join-tracker asks for
 * them. `bots`: the default one comes first. One that cannot be registered holds up no other.
 */
export async function registerAtStart(
  updates: UpdatesSetting,
  bots: readonly Pick<Bot, 'botId' | 'api'>[],
  deps: Pick<RegistrationDeps, 'clock' | 'log'> & { readonly store: DocumentStore },
  signal: AbortSignal,
): Promise<void> {
  if (updates.by === 'polling') return;
  const { baseUrl, secret } = updates;
  if (baseUrl === undefined || secret === undefined) {
    deps.log.warn(
      {},
      'joins will not arrive unless the webhook is registered elsewhere: set BASE_URL to the public https URL, or TELEGRAM_UPDATES=polling',
    );
    return;
  }
  const register = async ({ botId, api }: Pick<Bot, 'botId' | 'api'>, index: number): Promise<void> => {
    const webhook = { baseUrl, secret, botId: index === 0 ? undefined : botId };
    const readsMessages = (): Promise<boolean> => hasOpenCode(botId, deps.store);
    await registerWebhook(webhook, { ...deps, readsMessages, botApi: api }, signal);
  };
  await Promise.all(bots.map(register));
}
