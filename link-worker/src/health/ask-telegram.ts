import type { TimedAnswer } from '@paid-community/shared/health/clock-skew.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { ServingBot } from '../bots/serving-bot.ts';
import { replyTo, type Reply } from './reply.ts';

/** Short: somebody waits for the answer, and the next look follows in minutes. */
export const LOOK_TIMEOUT_MS = 4_000;

export interface Replies {
  readonly me: Reply;
  readonly chat: Reply;
  readonly member: Reply;
  readonly webhook: Reply;
  readonly timed: TimedAnswer | undefined;
}

/**
 * Looks at the bot, its chat, its rights there and its webhook, at the same time; changes nothing. @throws
 * RetryableError as ServingBot.call
 */
export async function askTelegram(deps: { readonly serving: ServingBot; readonly clock: Clock }): Promise<Replies> {
  const { serving, clock } = deps;
  const { bot } = serving;
  let timed: TimedAnswer | undefined;
  const sentAt = clock.now();
  const options = {
    timeoutMs: LOOK_TIMEOUT_MS,
    onServerTime: (serverTimeMs: number) => {
      timed ??= { sentAt, answeredAt: clock.now(), serverTimeMs };
    },
  };
  const inChat = async (method: string, parameters = {}): Promise<unknown> =>
    (await serving.call(method, parameters, options)).result;
  const [me, chatReply, member, webhook] = await Promise.all([
    replyTo(bot.api.call('getMe', {}, options)),
    replyTo(inChat('getChat')),
    replyTo(inChat('getChatMember', { user_id: Number(bot.botId) })),
    replyTo(bot.api.call('getWebhookInfo', {}, options)),
  ]);
  return { me, chat: chatReply, member, webhook, timed };
}
