import { randomInt } from 'node:crypto';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { isObject } from '../http/exchange.ts';
import type { ChatJoinRequest, ChatMemberUpdated, Message, Update, WebhookInfo } from './wire.ts';

/** How long Telegram keeps an update, counted from its event [tba]. */
const LIFETIME_MS = 24 * 60 * 60_000;

/** What is delivered only to those who ask for it by name [tba, types]. */
const NOT_IN_DEFAULT = new Set(['chat_member', 'message_reaction', 'message_reaction_count']);

export interface StoredUpdate {
  readonly update: Update;
  /** Updates with the same key are delivered one after the other [tba]. */
  readonly queueKey: string;
  /** ms since the epoch. */
  readonly expiresAt: number;
}

/** The bot's updates, from the event until somebody acknowledged them. In memory: nothing outlives the process. */
export class UpdateStore {
  readonly #clock: Clock;
  readonly #pending = new Set<StoredUpdate>();
  // Random, as Telegram's: a new simulator must not repeat the ids of the one before it.
  #nextUpdateId = randomInt(100_000_000, 900_000_000);
  #allowed: readonly string[] = [];
  /** Hands an update to the present delivery, a webhook or a poll. */
  onStored: (stored: StoredUpdate) => void = () => undefined;
  delivered = 0;
  notAllowed = 0;
  dropped = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** Oldest first. */
  pending(): IterableIterator<StoredUpdate> {
    return this.#pending.values();
  }

  /** Undefined keeps the setting; an empty list means the default [types]. */
  allow(types: readonly string[] | undefined): void {
    if (types !== undefined) this.#allowed = types;
  }

  allowedInfo(): Pick<WebhookInfo, 'allowed_updates'> {
    return this.#allowed.length === 0 ? {} : { allowed_updates: this.#allowed };
  }

  /** `queueKey`: what is delivered one after the other. */
  add(queueKey: string, type: string, content: Message | ChatMemberUpdated | ChatJoinRequest): void {
    this.#add({ update_id: this.#nextUpdateId++, [type]: content }, queueKey, content.date * 1000);
  }

  /** Returns the update's id, or undefined when its type is not allowed. */
  inject(fields: Readonly<Record<string, unknown>>): number | undefined {
    const updateId = typeof fields['update_id'] === 'number' ? fields['update_id'] : this.#nextUpdateId++;
    const update = { ...fields, update_id: updateId };
    const stored = this.#add(update, queueKeyOf(update), this.#clock.now());
    return stored ? updateId : undefined;
  }

  acknowledge(stored: StoredUpdate): void {
    if (this.#pending.delete(stored)) this.delivered += 1;
  }

  drop(stored: StoredUpdate): void {
    if (this.#pending.delete(stored)) this.dropped += 1;
  }

  dropAll(): void {
    for (const stored of this.#pending) this.drop(stored);
  }

  #add(update: Update, queueKey: string, eventAtMs: number): boolean {
    if (!this.#allows(update)) {
      this.notAllowed += 1;
      return false;
    }
    const stored = { update, queueKey, expiresAt: eventAtMs + LIFETIME_MS };
    this.#pending.add(stored);
    this.onStored(stored);
    return true;
  }

  #allows(update: Update): boolean {
    const type = Object.keys(update).find((field) => field !== 'update_id') ?? '';
    return this.#allowed.length === 0 ? !NOT_IN_DEFAULT.has(type) : this.#allowed.includes(type);
  }
}

/** The person that an update of any shape is about, where it names one. */
function queueKeyOf(update: Update): string {
  for (const content of Object.values(update).filter(isObject)) {
    const member = isObject(content['new_chat_member']) ? content['new_chat_member']['user'] : undefined;
    const user = member ?? content['from'];
    if (isObject(user) && typeof user['id'] === 'number') return `user ${String(user['id'])}`;
  }
  return `update ${String(update.update_id)}`;
}
