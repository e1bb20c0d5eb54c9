import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { isTokenRefusal } from '@paid-community/shared/telegram/errors.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';

const NAME_TIMEOUT_MS = 4_000;

const validateUser = compileValidator(
  Type.Object({ username: Type.Optional(Type.String({ pattern: '^\\w{1,64}$' })) }),
);

function usernameOf(me: unknown): string | undefined {
  const user = validateUser(me);
  return user.valid ? user.value.username : undefined;
}

/** What a bot cannot do it is asked again after so long: an administrator may have mended it. */
export const HELD_BACK_MS = 60_000;

/** One bot and all that its token allows. */
export class Bot {
  readonly botId: string;
  readonly api: BotApi;
  readonly #clock: Clock;
  #heldBackUntilMs = -Infinity;
  #username: string | undefined;

  constructor(botId: string, api: BotApi, clock: Clock) {
    this.botId = botId;
    this.#clock = clock;
    this.api = {
      call: async (method, parameters, options) => {
        try {
          const result = await api.call(method, parameters, options);
          this.#heldBackUntilMs = -Infinity;
          if (method === 'getMe') this.#username = usernameOf(result);
          return result;
        } catch (error) {
          if (isTokenRefusal(error)) this.#heldBackUntilMs = clock.monotonicMs() + HELD_BACK_MS;
          throw error;
        }
      },
      close: () => api.close(),
    };
  }

  /** Without @; undefined while Telegram does not tell it. It is asked for once. */
  async username(): Promise<string | undefined> {
    // Without its name the bot is called by its id; a health check tells why getMe fails.
    if (this.#username === undefined)
      await this.api.call('getMe', {}, { timeoutMs: NAME_TIMEOUT_MS }).catch(() => undefined);
    return this.#username;
  }

  /** Telegram refused its token a moment ago. */
  get isHeldBack(): boolean {
    return this.#clock.monotonicMs() < this.#heldBackUntilMs;
  }
}
