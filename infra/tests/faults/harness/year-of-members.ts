import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { API_KEY } from '../../e2e/harness/credentials.ts';
import { buyUntilAccepted, statusOf } from '../../e2e/harness/buyer.ts';
import { callOperator } from '../../e2e/harness/communities.ts';
import { send } from '../../e2e/harness/http.ts';
import type { World } from '../../e2e/harness/world.ts';
import type { DrivenWorld } from './driven-world.ts';
import { DAY_MS, mayBeInside, outFrom, type Bought } from './naive-membership.ts';

// What people do over a year: buy, come in, renew or not, leave and come back, pass their links on, ask for their money.

interface Purchase extends Bought {
  readonly requestId: string;
  readonly body: Parameters<typeof buyUntilAccepted>[1];
}

export interface Buyer {
  readonly userId: string;
  readonly communityId: string;
  readonly chatId: number;
  readonly telegramUserId: number;
  /** Whether the purchases say which account it is. */
  readonly isKnown: boolean;
  readonly bought: Purchase[];
  cancelledAtMs?: number;
  revokedAtMs?: number;
  /** Whether the person wants to be inside. */
  wantsIn: boolean;
  /** An administrator threw the person out, and nobody is to fight that. */
  isKicked: boolean;
  /** Administrators stay, whatever they paid. */
  isPromoted: boolean;
  /** For how many moments in a row the person has paid, and knocked in vain. */
  triesInVain: number;
}

export interface YearOptions {
  readonly world: World;
  readonly driven: DrivenWorld;
  readonly random: () => number;
  readonly places: readonly { readonly communityId: string; readonly chatId: number }[];
  /** Days by name; the id of a plan is `<name>-<communityId>`. */
  readonly plans: ReadonlyMap<string, number>;
}

export class YearOfMembers {
  readonly buyers: Buyer[] = [];
  readonly byAccount = new Map<number, Buyer>();
  /** Accounts with which somebody tried to come in by a link that is not for them. */
  readonly strangers = new Set<number>();
  readonly #options: YearOptions;
  #agenda: { readonly atMs: number; readonly act: () => Promise<void> }[] = [];
  #nextAccount = 800_000_001;

  constructor(options: YearOptions) {
    this.#options = options;
  }

  /** Somebody will buy for the first time. */
  plan(number: number, atMs: number): void {
    const { places } = this.#options;
    const place = places[number % places.length];
    if (place === undefined) throw new Error('There is no place');
    const buyer: Buyer = {
      ...place,
      userId: `member-${number}`,
      telegramUserId: this.#nextAccount++,
      isKnown: this.#chance(0.4),
      bought: [],
      wantsIn: false,
      isKicked: false,
      isPromoted: false,
      triesInVain: 0,
    };
    this.buyers.push(buyer);
    this.byAccount.set(buyer.telegramUserId, buyer);
    this.#at(atMs, () => this.#buy(buyer));
  }

  /** What people do until then; then those who have paid and are out knock. */
  async actUntil(atMs: number): Promise<void> {
    const due = this.#agenda.filter((each) => each.atMs <= atMs);
    this.#agenda = this.#agenda.filter((each) => each.atMs > atMs);
    await Promise.all(due.map(({ act }) => act()));
    await this.knock();
  }

  async knock(): Promise<void> {
    const { world, driven } = this.#options;
    const seeking = this.buyers.filter(
      (buyer) =>
        buyer.wantsIn &&
        !buyer.isKicked &&
        mayBeInside(buyer, driven.nowMs) &&
        !world.telegram.chat(buyer.chatId).isIn(buyer.telegramUserId),
    );
    await Promise.all(seeking.map((buyer) => this.#enter(buyer)));
  }

  async #buy(buyer: Buyer): Promise<void> {
    const { driven, plans, world } = this.#options;
    const names = [...plans.keys()];
    const name = names[Math.floor(this.#options.random() * names.length)] ?? '';
    const days = plans.get(name) ?? 0;
    const { userId, communityId, telegramUserId, isKnown } = buyer;
    const transactionId = `${userId}-${buyer.bought.length}`;
    const planId = `${name}-${communityId}`;
    const body = { userId, transactionId, communityId, planId, ...(isKnown ? { telegramUserId } : {}) };
    const fromMs = driven.nowMs + driven.wrongByMs;
    const { requestId } = await buyUntilAccepted(world.url, body);
    buyer.bought.push({ requestId, body, fromMs, days });
    if (this.#chance(0.1)) await buyUntilAccepted(world.url, body);
    this.#decide(buyer, fromMs, days);
  }

  /** What comes of a purchase. */
  #decide(buyer: Buyer, fromMs: number, days: number): void {
    const after = (share: number): number => fromMs + share * days * DAY_MS;
    this.#at(fromMs + this.#options.random() * DAY_MS, () => this.#wants(buyer, true));
    if (this.#chance(0.15)) {
      this.#at(after(0.3), () => this.#leaves(buyer));
      if (this.#chance(0.7)) this.#at(after(0.4), () => this.#wants(buyer, true));
    }
    if (this.#chance(0.3)) this.#at(after(0.2 + this.#options.random()), () => this.#passesOn(buyer));
    if (this.#chance(0.05)) this.#at(after(this.#options.random()), () => this.#refund(buyer));
    if (this.#chance(0.05)) this.#at(after(0.5), () => this.#cancel(buyer));
    if (this.#chance(0.02)) this.#at(after(0.6), () => this.#revoke(buyer));
    if (this.#chance(0.02)) this.#at(after(0.5), () => this.#isKicked(buyer));
    if (this.#chance(0.01)) this.#at(after(0.5), () => this.#isPromoted(buyer));
    if (this.#chance(0.65)) {
      // Before the end, in the grace, or when the person is out.
      const untilMs = outFrom(buyer) - 6 * DAY_MS + this.#options.random() * 15 * DAY_MS;
      this.#at(Math.max(untilMs, fromMs), () => this.#buy(buyer));
    }
    // Somebody whose time may be over tries the old link.
    this.#at(after(1) + 6 * DAY_MS, async () => {
      if (await this.#tries(buyer, buyer.telegramUserId)) buyer.wantsIn = true;
    });
  }

  #wants(buyer: Buyer, wantsIn: boolean): Promise<void> {
    buyer.wantsIn = wantsIn;
    return Promise.resolve();
  }

  /** By any link of the person's purchases; where none opens, the last purchase is reported again. */
  async #enter(buyer: Buyer): Promise<void> {
    buyer.triesInVain += 1;
    if (await this.#tries(buyer, buyer.telegramUserId)) return;
    const last = buyer.bought.findLast(({ refundedAtMs }) => refundedAtMs === undefined);
    if (last !== undefined) await buyUntilAccepted(this.#options.world.url, last.body);
  }

  /** Whether a link let the account in, or takes its request. */
  async #tries(buyer: Buyer, telegramUserId: number): Promise<boolean> {
    const { world } = this.#options;
    for (const { requestId } of buyer.bought.toReversed()) {
      const inviteLink = (await statusOf(world.url, requestId))?.inviteLink;
      if (inviteLink === undefined) continue;
      const outcome = world.telegram.join({ inviteLink, telegramUserId });
      if (outcome.ok || outcome.reason === 'request_sent') return true;
    }
    return false;
  }

  #leaves(buyer: Buyer): Promise<void> {
    buyer.wantsIn = false;
    // Whoever comes back comes as everybody else.
    buyer.isPromoted = false;
    const chat = this.#chatOf(buyer);
    if (chat.isIn(buyer.telegramUserId)) chat.leave(buyer.telegramUserId);
    return Promise.resolve();
  }

  /** Where the account is not known yet, whoever comes first is the buyer: those links are not passed on here. */
  async #passesOn(buyer: Buyer): Promise<void> {
    if (!buyer.isKnown && !this.#chatOf(buyer).isIn(buyer.telegramUserId)) return;
    const stranger = this.#nextAccount++;
    this.strangers.add(stranger);
    await this.#tries(buyer, stranger);
  }

  async #refund(buyer: Buyer): Promise<void> {
    const { driven, random, world } = this.#options;
    const purchase = buyer.bought[Math.floor(random() * buyer.bought.length)];
    if (purchase === undefined) return;
    const isWhole = this.#chance(0.8);
    const atMs = driven.nowMs + driven.wrongByMs;
    await eventually(
      async () => {
        const { status, text } = await send(`${world.url}/v1/invite/requests/${purchase.requestId}/refund`, {
          method: 'POST',
          headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
          body: isWhole ? {} : { amount: '1.00', reason: 'a word' },
        });
        if (status !== 202) throw new Error(`A refund was answered with ${status}: ${text}`);
      },
      { timeoutMs: 120_000, intervalMs: 50 },
    );
    if (isWhole) purchase.refundedAtMs ??= atMs;
  }

  async #cancel(buyer: Buyer): Promise<void> {
    const { driven } = this.#options;
    const atMs = driven.nowMs + driven.wrongByMs;
    if (await this.#asOperator(buyer, 'cancel')) buyer.cancelledAtMs = atMs;
  }

  async #revoke(buyer: Buyer): Promise<void> {
    const { driven } = this.#options;
    const atMs = driven.nowMs + driven.wrongByMs;
    if (await this.#asOperator(buyer, 'revoke', { reason: 'broke the rules' })) buyer.revokedAtMs = atMs;
  }

  /** False: the membership takes it no more. */
  async #asOperator(buyer: Buyer, what: string, body: object = {}): Promise<boolean> {
    const { world } = this.#options;
    const answered = await eventually(
      async () => {
        const found = await callOperator(world, 'POST', '/memberships/find', { userId: buyer.userId });
        if (found.status !== 200) throw new Error(`find was answered with ${found.status}: ${found.text}`);
        const { memberships } = found.json as { readonly memberships: readonly { membershipId: string }[] };
        const id = memberships[0]?.membershipId;
        if (id === undefined) return 'unknown';
        const { status, text } = await callOperator(world, 'POST', `/memberships/${id}/${what}`, body);
        if (status === 409) return 'refused';
        if (status !== 200) throw new Error(`${what} was answered with ${status}: ${text}`);
        return 'done';
      },
      { timeoutMs: 120_000, intervalMs: 50 },
    );
    return answered === 'done';
  }

  #isKicked(buyer: Buyer): Promise<void> {
    const chat = this.#chatOf(buyer);
    if (chat.isIn(buyer.telegramUserId) && !buyer.isPromoted) {
      chat.ban(buyer.telegramUserId);
      buyer.isKicked = true;
    }
    return Promise.resolve();
  }

  #isPromoted(buyer: Buyer): Promise<void> {
    const chat = this.#chatOf(buyer);
    if (chat.isIn(buyer.telegramUserId)) {
      chat.promote(buyer.telegramUserId);
      buyer.isPromoted = true;
    }
    return Promise.resolve();
  }

  #chatOf({ chatId }: Buyer): ReturnType<World['telegram']['chat']> {
    return this.#options.world.telegram.chat(chatId);
  }

  #at(atMs: number, act: () => Promise<void>): void {
    this.#agenda.push({ atMs, act });
  }

  #chance(share: number): boolean {
    return this.#options.random() < share;
  }
}
