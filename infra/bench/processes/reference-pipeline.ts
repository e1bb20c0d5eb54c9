import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
// The reference makes the calls with the same client library, without what surrounds it.
// eslint-disable-next-line project/boundaries
import axios from 'axios';
import type { ReferenceStore } from './reference-store.ts';
import type { SimulatorAddress } from './simulators-process.ts';

interface Purchase {
  readonly userId: string;
  readonly transactionId: string;
}

/**
 * The same two calls for each purchase and one row when they are done: no ledger, no retry, no replay, no crash safety.
 */
export class ReferencePipeline {
  readonly #store: ReferenceStore;
  readonly #address: SimulatorAddress;
  readonly #concurrency: number;
  readonly #queue: { readonly id: number; readonly purchase: Purchase }[] = [];
  readonly #telegram;
  readonly #webEngage;
  #next = 0;
  #atWork = 0;

  constructor(store: ReferenceStore, address: SimulatorAddress, concurrency: number) {
    this.#store = store;
    this.#address = address;
    this.#concurrency = concurrency;
    const settings = { httpAgent: new Agent({ keepAlive: true }), maxRedirects: 0, timeout: 30_000 };
    this.#telegram = axios.create({ ...settings, baseURL: `${address.telegramRoot}/bot${address.botToken}/` });
    this.#webEngage = axios.create({
      ...settings,
      baseURL: address.webEngageRoot,
      headers: { Authorization: `Bearer ${address.webEngageKey}` },
    });
  }

  add(id: number, purchase: Purchase): void {
    this.#queue.push({ id, purchase });
    this.#startMore();
  }

  #startMore(): void {
    while (this.#atWork < this.#concurrency && this.#next < this.#queue.length) {
      const next = this.#queue[this.#next];
      this.#next += 1;
      if (next === undefined) continue;
      this.#atWork += 1;
      void this.#process(next.id, next.purchase).finally(() => {
        this.#atWork -= 1;
        this.#startMore();
      });
    }
  }

  async #process(id: number, { userId, transactionId }: Purchase): Promise<void> {
    const name = randomUUID().replaceAll('-', '');
    const created = await this.#telegram.post<{ result: { invite_link: string } }>('createChatInviteLink', {
      chat_id: this.#address.chatId,
      name,
      member_limit: 1,
    });
    const createdAt = Date.now();
    const inviteLink = created.data.result.invite_link;
    await this.#webEngage.post(
      `/v1/accounts/${this.#address.licenseCode}/events`,
      {
        userId,
        eventName: 'pass_paid_community_telegram_link_created',
        eventTime: `${new Date(createdAt).toISOString().slice(0, 19)}+0000`,
        eventData: { transactionId, inviteLink },
      },
      { headers: { 'x-request-id': name } },
    );
    await this.#store.finishPurchase(id, inviteLink, createdAt, Date.now());
  }
}
