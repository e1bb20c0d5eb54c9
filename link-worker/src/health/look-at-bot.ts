import type { TimedAnswer } from '@paid-community/shared/health/clock-skew.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { Bot } from '../bots/bot.ts';
import { replyTo, type Reply } from './reply.ts';

/** Short: somebody waits for the answer, and the next look follows in minutes. */
export const LOOK_TIMEOUT_MS = 4_000;

export interface BotLook {
  readonly me: Reply;
  readonly webhook: Reply;
  readonly timed: TimedAnswer | undefined;
}

/** Looks at the bot and its webhook, at the same time; changes nothing. */
export async function lookAtBot({ api }: Bot, clock: Clock): Promise<BotLook> {
  let timed: TimedAnswer | undefined;
  const sentAt = clock.now();
  const options = {
    timeoutMs: LOOK_TIMEOUT_MS,
    onServerTime: (serverTimeMs: number) => {
      timed ??= { sentAt, answeredAt: clock.now(), serverTimeMs };
    },
  };
  const [me, webhook] = await Promise.all([
    replyTo(api.call('getMe', {}, options)),
    replyTo(api.call('getWebhookInfo', {}, options)),
  ]);
  return { me, webhook, timed };
}
