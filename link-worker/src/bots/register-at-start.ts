import type { UpdatesSetting } from '../health/webhook-findings.ts';
import { registerWebhook, type RegistrationDeps } from './register-webhook.ts';

/** Sees to it that Telegram's updates reach the webhook of this system. With polling, join-tracker asks for them. */
export async function registerAtStart(
  updates: UpdatesSetting,
  deps: RegistrationDeps,
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
  await registerWebhook({ baseUrl, secret }, deps, signal);
}
