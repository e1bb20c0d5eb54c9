import { memberships, membershipIdOf, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { SimulatedChat } from '../../../run/simulators/telegram/simulated-chat.ts';
import type { JoinOutcome } from '../../../run/simulators/telegram/simulated-chat.ts';
import { postPurchase, statusOf } from './buyer.ts';
import { callOperator, connect, GOLD, GOLD_CHAT, mustSucceed, openWorldOfChats } from './communities.ts';
import { API_KEY } from './credentials.ts';
import { DrivenClock } from './driven-clock.ts';
import { send, type Answer } from './http.ts';
import type { World } from './world.ts';

export const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;
const EVENT_PREFIX = 'pass_paid_community_';

/** What `gold` wants of its members, unless a test says otherwise. */
const RULES = {
  removal: 'on',
  grace: 'P2D',
  reminders: ['P3D', 'P1D'],
  revokeAfterJoin: true,
  wrongPerson: 'remove',
  timeZone: 'UTC',
};

/** Access to `gold` for a time, with a clock that the test moves on; the plan `month` has 30 days. */
export class MembersWorld {
  readonly world: World;
  readonly backend: Backend;
  readonly #clock: DrivenClock;

  constructor(world: World, backend: Backend, clock: DrivenClock) {
    this.world = world;
    this.backend = backend;
    this.#clock = clock;
  }

  get gold(): SimulatedChat {
    return this.world.telegram.chat(GOLD_CHAT);
  }

  get nowMs(): number {
    return this.#clock.now();
  }

  async buy(userId: string, more: object = {}): Promise<string> {
    const body = { userId, transactionId: 'order-1', planId: 'month', ...more };
    const { status, json, text } = await postPurchase(this.world.url, body);
    if (status !== 202) throw new Error(`status ${status}: ${text}`);
    return (json as { readonly requestId: string }).requestId;
  }

  refund(requestId: string, body: object = {}): Promise<Answer> {
    return send(`${this.world.url}/v1/invite/requests/${requestId}/refund`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
      body,
    });
  }

  /** The link of the purchase; another one than `before`, where there was one. */
  linkOf(requestId: string, before?: string): Promise<string> {
    return eventually(async () => {
      const inviteLink = (await statusOf(this.world.url, requestId))?.inviteLink;
      if (inviteLink === undefined || inviteLink === before) throw new Error('There is no link yet');
      return inviteLink;
    });
  }

  open(inviteLink: string, telegramUserId: number): JoinOutcome {
    return this.world.telegram.join({ inviteLink, telegramUserId });
  }

  /** Buys, comes in with that account, and is known to be inside. */
  async member(userId: string, telegramUserId: number, more: object = {}): Promise<string> {
    const requestId = await this.buy(userId, more);
    this.open(await this.linkOf(requestId), telegramUserId);
    await eventually(async () => (await this.membership(userId))['presence'] === 'inside');
    return requestId;
  }

  /** As operators see it. */
  async membership(userId: string): Promise<Readonly<Record<string, unknown>>> {
    const { json } = await mustSucceed(callOperator(this.world, 'POST', '/memberships/find', { userId }));
    const [first, ...more] = (json as { readonly memberships: readonly Record<string, unknown>[] }).memberships;
    if (first === undefined || more.length > 0) throw new Error(`${userId} has not one membership`);
    return first;
  }

  /** As the store has it. */
  async stored(userId: string): Promise<Membership | undefined> {
    return (await this.backend.store.get(memberships, membershipIdOf('gold', { userId })))?.data;
  }

  /** So much time passes; what is due by the minute is looked at. */
  pass(ms: number): void {
    this.#clock.advanceTo(this.#clock.aheadMs + ms);
    this.world.telegram.clockOffsetMs = this.#clock.aheadMs;
  }

  /** Minute by minute until it is so. */
  async passUntil(isSo: () => boolean | Promise<boolean>): Promise<void> {
    await eventually(
      async () => {
        if (await isSo()) return true;
        this.pass(MINUTE_MS);
        return false;
      },
      { intervalMs: 50 },
    );
  }

  /** What WebEngage was told of the person, in the order of telling. */
  told(userId: string): readonly string[] {
    return this.world.webengage.events
      .filter((event) => event.userId === userId && event.eventName.startsWith(EVENT_PREFIX))
      .map(({ eventName }) => eventName.slice(EVENT_PREFIX.length));
  }

  /** Waits until it was told exactly so. */
  async expectTold(userId: string, names: readonly string[]): Promise<void> {
    await eventually(() => {
      const told = this.told(userId);
      if (JSON.stringify(told) !== JSON.stringify(names)) throw new Error(`${userId} was told ${told.join(', ')}`);
    });
  }
}

/** `gold` is connected, and its plan made. `decorate` goes around the ports; `tickSeconds` 0: the test ticks itself. */
export async function startMembers(
  rules: object = {},
  decorate: (backend: Backend) => Backend = (backend) => backend,
  tickSeconds = 60,
): Promise<MembersWorld> {
  const clock = new DrivenClock();
  const world = await openWorldOfChats({ clock, settings: { MEMBERSHIP_TICK_SECONDS: String(tickSeconds) } });
  const backend = await world.startInProcess(decorate, clock);
  await eventually(() => world.telegram.calls.of('setWebhook') > 0);
  await mustSucceed(connect(world, { ...GOLD, ...RULES, ...rules }));
  const plan = { planId: 'month', name: 'A month', communityIds: ['gold'], period: 'P30D' };
  await mustSucceed(callOperator(world, 'POST', '/plans', plan));
  await eventually(() => world.telegram.bots.every(({ calls }) => calls.of('setWebhook') > 0));
  return new MembersWorld(world, backend, clock);
}
