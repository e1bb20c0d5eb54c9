import type { CallKind } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { isTokenRefusal } from '@paid-community/shared/telegram/errors.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';
import { CallPacer } from './call-pacer.ts';
import type { RateBounds } from './pace/rate-state.ts';

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

export interface PaceOptions {
  /** Another one for each process. */
  readonly instanceId: string;
  readonly bounds: RateBounds;
  /** See PacerOptions. */
  readonly maxWaiting: number;
}

/** One bot and all that its token allows. */
export class Bot {
  readonly botId: string;
  readonly api: BotApi;
  readonly #pace: PaceOptions;
  readonly #deps: { readonly store: DocumentStore; readonly clock: Clock };
  readonly #pacers = new Map<CallKind, CallPacer>();
  #heldBackUntilMs = -Infinity;
  #username: string | undefined;

  constructor(
    { botId, api, ...pace }: PaceOptions & { readonly botId: string; readonly api: BotApi },
    deps: { readonly store: DocumentStore; readonly clock: Clock },
  ) {
    this.botId = botId;
    this.#pace = pace;
    this.#deps = deps;
    this.api = {
      call: async (method, parameters, options) => {
        try {
          const result = await api.call(method, parameters, options);
          this.#heldBackUntilMs = -Infinity;
          if (method === 'getMe') this.#username = usernameOf(result);
          return result;
        } catch (error) {
          if (isTokenRefusal(error)) this.#heldBackUntilMs = deps.clock.monotonicMs() + HELD_BACK_MS;
          throw error;
        }
      },
      close: () => api.close(),
    };
  }

  /** The turns of its calls of one kind. Each kind has a pace and a pause of its own. */
  pacer(kind: CallKind): CallPacer {
    const known = this.#pacers.get(kind);
    if (known !== undefined) return known;
    const { botId } = this;
    const pacer = new CallPacer({ botId, kind, ...this.#pace }, this.#deps);
    this.#pacers.set(kind, pacer);
    return pacer;
  }

  /** Whether a turn of the kind was asked for. */
  hasPacer(kind: CallKind): boolean {
    return this.#pacers.has(kind);
  }

  /** Without @; undefined while Telegram does not tell it. It is asked for once. */
  async username(): Promise<string | undefined> {
    if (this.#username === undefined)
      await this.api.call('getMe', {}, { timeoutMs: NAME_TIMEOUT_MS }).catch(() => undefined);
    return this.#username;
  }

  /** Telegram refused its token a moment ago. */
  get isHeldBack(): boolean {
    return this.#deps.clock.monotonicMs() < this.#heldBackUntilMs;
  }
}
