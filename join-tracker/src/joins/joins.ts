import { createHash } from 'node:crypto';
import { expiryOf } from '@paid-community/shared/model/retention.ts';
import { ConflictError } from '@paid-community/shared/platform/delivery/errors.ts';
import { inviteLinkId, inviteLinks, type InviteLink } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests, joinGeneration } from '@paid-community/shared/model/links/invite-request.ts';
import {
  joins,
  recordedOn,
  unmatchedJoins,
  type Join,
  type UnmatchedJoin,
} from '@paid-community/shared/model/memberships/join.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { createDocument, type DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';

/** The purchase behind a link. */
export interface Purchase {
  readonly requestId: string;
  readonly userId: string;
  readonly transactionId: string;
  readonly inviteLink: string;
  readonly linkCreatedAt?: string | undefined;
  /** See `joinGeneration` of the request. */
  readonly generation: number;
  /** Trace of the purchase. */
  readonly traceparent?: string | undefined;
}

/** A text of the outside in a document: a link and a name are far shorter, and a document has an end. */
const LONGEST_TEXT = 512;
const LINK_NAME = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

/** The collections that join-tracker owns, and the look-ups it makes in those of link-worker. */
export class Joins {
  readonly #store: DocumentStore;
  readonly #retentionDays: number;
  readonly #clock: Clock;

  constructor(store: DocumentStore, retentionDays: number, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#retentionDays = retentionDays;
  }

  /**
   * By the link itself. Telegram shows a link whole only to the bot that made it, and a link leads into one chat, so
   * this holds whatever the id of that chat is by now.
   */
  findByLink(inviteLink: string): Promise<Purchase | undefined> {
    return this.findByHash(inviteLinkId(inviteLink));
  }

  async findByHash(inviteLinkHash: string): Promise<Purchase | undefined> {
    const known = await this.#store.get(inviteLinks, inviteLinkHash);
    return known === undefined ? undefined : purchaseBehind(known.data);
  }

  /**
   * By the link's name, which holds the requestId: Telegram cuts links that another bot made. Anybody can give a link
   * such a name in a chat of their own, so this is for the community's only. A request whose link is not recorded yet
   * has reached no buyer: whoever joins now came through an orphan, and explains nothing.
   */
  async findByName(linkName: string): Promise<Purchase | undefined> {
    const name = LINK_NAME.exec(linkName);
    if (name === null) return undefined;
    const request = await this.#store.get(inviteRequests, name.slice(1).join('-'));
    if (request?.data.inviteLink === undefined) return undefined;
    const { requestId, userId, transactionId, inviteLink, linkCreatedAt, traceparent } = request.data;
    return {
      requestId,
      userId,
      transactionId,
      inviteLink,
      linkCreatedAt,
      generation: joinGeneration(request.data),
      traceparent,
    };
  }

  /**
   * Records the first join of a request and returns it: this one, which is new then, or the one that was there before.
   */
  async recordFirst(
    join: Omit<Join, 'recordedAt' | 'recordedOn' | 'expiresAt'>,
  ): Promise<{ readonly first: Join; readonly isNew: boolean }> {
    const now = this.#clock.now();
    try {
      await this.#store.commit([
        createDocument(joins, join.requestId, {
          ...join,
          recordedAt: new Date(now).toISOString(),
          recordedOn: recordedOn(now),
          expiresAt: this.#expiryOf(join),
        }),
      ]);
      return { first: join, isNew: true };
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      return { first: (await this.#store.get(joins, join.requestId))?.data ?? join, isNew: false };
    }
  }

  async recordUnmatched(seen: UnmatchedJoin): Promise<void> {
    const join = {
      ...seen,
      inviteLink: seen.inviteLink?.slice(0, LONGEST_TEXT),
      linkName: seen.linkName?.slice(0, LONGEST_TEXT),
    };
    const id = createHash('sha256')
      .update(JSON.stringify([join.chatId, join.telegramUserId, join.joinedAt, join.inviteLink ?? '']))
      .digest('hex');
    try {
      await this.#store.commit([createDocument(unmatchedJoins, id, { ...join, expiresAt: this.#expiryOf(join) })]);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }

  /** A join that is told of years late would be past its retention at once, and the next one the first again. */
  #expiryOf({ joinedAt }: { readonly joinedAt: string }): string {
    return expiryOf(Math.max(Date.parse(joinedAt), this.#clock.now()), this.#retentionDays);
  }
}

function purchaseBehind({
  requestId,
  userId,
  transactionId,
  inviteLink,
  createdAt,
  joinGeneration: generation = 1,
  traceparent,
}: InviteLink): Purchase {
  return { requestId, userId, transactionId, inviteLink, linkCreatedAt: createdAt, generation, traceparent };
}
