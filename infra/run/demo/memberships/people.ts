import { setTimeout as pause } from 'node:timers/promises';
import type { TelegramSimulator } from '../../simulators/telegram/telegram-simulator.ts';
import { isObject } from '../is-object.ts';
import { call, describeRefusal } from '../call.ts';

const LOOK_EVERY_MS = 100;

export interface Surroundings {
  readonly url: string;
  readonly apiKey: string;
  readonly planId: string;
  readonly chatId: number;
  readonly telegram: TelegramSimulator;
  readonly signal: AbortSignal;
  /** A line of the story. */
  readonly say: (who: string, what: string) => void;
}

/** Somebody with an account at Telegram who buys access. */
export class Person {
  readonly name: string;
  readonly account: number;
  readonly #around: Surroundings;
  #purchases = 0;

  constructor(name: string, account: number, around: Surroundings) {
    this.name = name;
    this.account = account;
    this.#around = around;
  }

  get isInside(): boolean {
    return this.#around.telegram.chat(this.#around.chatId).isIn(this.account);
  }

  /** Pays for one more period. Returns the id of the request. */
  async buys({ tellsAccount = false } = {}): Promise<string> {
    this.#purchases += 1;
    this.#around.say(this.name, this.#purchases === 1 ? 'buys' : 'pays again');
    return this.#post(tellsAccount);
  }

  /** The same purchase is reported again: somebody who has paid and is out gets another link. */
  async asksAgain({ tellsAccount = false } = {}): Promise<string> {
    this.#around.say(this.name, 'asks for another link');
    return this.#post(tellsAccount);
  }

  async getsMoneyBack(requestId: string): Promise<void> {
    this.#around.say(this.name, 'gets the money back');
    await this.#call(`/v1/invite/requests/${requestId}/refund`, {});
  }

  /** Waits for the link of the request: another one than `before`. */
  async linkOf(requestId: string, before?: string): Promise<string> {
    const { url, apiKey, signal } = this.#around;
    for (;;) {
      const headers = { authorization: `Bearer ${apiKey}` };
      const { body } = await call(`${url}/v1/invite/requests/${requestId}`, { headers, signal });
      const link = isObject(body) ? body['inviteLink'] : undefined;
      if (typeof link === 'string' && link !== before) return link;
      await pause(LOOK_EVERY_MS, undefined, { signal });
    }
  }

  opens(inviteLink: string): void {
    const outcome = this.#around.telegram.join({ inviteLink, telegramUserId: this.account, firstName: this.name });
    this.#around.say(this.name, outcome.ok ? 'comes in by the link' : `is not let in by the link: ${outcome.reason}`);
  }

  async isOut(): Promise<void> {
    while (this.isInside) await pause(LOOK_EVERY_MS, undefined, { signal: this.#around.signal });
  }

  async #post(tellsAccount: boolean): Promise<string> {
    const { planId } = this.#around;
    const purchase = { userId: this.name, transactionId: `${this.name}-${this.#purchases}`, planId };
    const body = await this.#call('/v1/invite/request', {
      ...purchase,
      ...(tellsAccount ? { telegramUserId: String(this.account) } : {}),
    });
    return String(isObject(body) ? body['requestId'] : undefined);
  }

  async #call(path: string, body: object): Promise<unknown> {
    const { url, apiKey, signal } = this.#around;
    const headers = { authorization: `Bearer ${apiKey}` };
    const answer = await call(`${url}${path}`, { method: 'POST', headers, body, signal });
    if (answer.status !== 202) throw new Error(`The system refuses ${path}: ${describeRefusal(answer)}`);
    return answer.body;
  }
}
