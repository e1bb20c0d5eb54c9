import { setTimeout as pause } from 'node:timers/promises';
import type { TelegramSimulator } from '../../simulators/telegram/telegram-simulator.ts';
import { isObject } from '../is-object.ts';
import { call, describeRefusal } from '../call.ts';

const LOOK_EVERY_MS = 100;
const ASK_EVERY_MS = 1_000;

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

  async getsMoneyBack(requestId: string): Promise<void> {
    this.#around.say(this.name, 'gets the money back');
    await this.#call(`/v1/invite/requests/${requestId}/refund`, {});
  }

  async linkOf(requestId: string): Promise<string> {
    for (;;) {
      const link = await this.#lookUp(requestId);
      if (link !== undefined) return link;
      await pause(LOOK_EVERY_MS, undefined, { signal: this.#around.signal });
    }
  }

  /**
   * The same purchase is reported again: somebody who has paid and is out gets another link. While the system does not
   * know yet that somebody has used the one before, that one stays: so the person asks again.
   */
  async getsAnotherLink(requestId: string, before: string): Promise<string> {
    this.#around.say(this.name, 'asks for another link');
    for (let looks = 0; ; looks += 1) {
      if ((looks * LOOK_EVERY_MS) % ASK_EVERY_MS === 0) await this.#post(true);
      const link = await this.#lookUp(requestId);
      if (link !== undefined && link !== before) return link;
      await pause(LOOK_EVERY_MS, undefined, { signal: this.#around.signal });
    }
  }

  opens(inviteLink: string): void {
    const outcome = this.#around.telegram.join({ inviteLink, telegramUserId: this.account, firstName: this.name });
    this.#around.say(this.name, outcome.ok ? 'comes in by the link' : `is not let in by the link: ${outcome.reason}`);
  }

  async isOut(): Promise<void> {
    while (this.isInside) await pause(LOOK_EVERY_MS, undefined, { signal: this.#around.signal });
  }

  /** The link of the request, once it has one. */
  async #lookUp(requestId: string): Promise<string | undefined> {
    const { url, apiKey, signal } = this.#around;
    const headers = { authorization: `Bearer ${apiKey}` };
    const { body } = await call(`${url}/v1/invite/requests/${requestId}`, { headers, signal });
    const link = isObject(body) ? body['inviteLink'] : undefined;
    return typeof link === 'string' ? link : undefined;
  }

  async #post(tellsAccount: boolean): Promise<string> {
    const { planId } = this.#around;
    const purchase = { userId: this.name, transactionId: `${this.name}-${this.#purchases}`, planId };
    const body = await this.#call('/v1/invite/request', {
      ...purchase,
      telegramUserId: tellsAccount ? String(this.account) : undefined,
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
