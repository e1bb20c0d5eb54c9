import { expect } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { RecordedEvent } from '../../../run/simulators/webengage/webengage-simulator.ts';
import { statusOf } from './buyer.ts';
import { JOINED, LINK_CREATED, linkNameOf, parseEventTime, type Purchase, type RequestStatus } from './wire.ts';
import type { World as AnyWorld } from './world.ts';

/** What of a system and its surroundings the promise is held against. */
export type World = Pick<AnyWorld, 'url' | 'telegram' | 'webengage'>;

/** A join through the link of a purchase. */
export interface ExpectedJoin {
  readonly purchase: Purchase;
  readonly telegramUserId: number;
}

export interface Expected {
  /** Every acknowledged purchase, each once. */
  readonly purchases: readonly Purchase[];
  /** Every first join through a purchase's link. */
  readonly joins?: readonly ExpectedJoin[];
}

/** What was allowed to happen on the way. */
export interface Outcome {
  /** Links that Telegram made and nobody was told of. */
  readonly orphans: number;
  /** Events that WebEngage got again, and dropped by their x-request-id. */
  readonly repeats: number;
}

/**
 * Waits for the end state and holds it against the promise: each purchase ends in one recorded, usable link and one
 * "link created" event, each join in one "joined" event, nothing else reaches WebEngage, and no orphan link reaches
 * anybody.
 */
export async function expectPromiseKept(world: World, { purchases, joins = [] }: Expected): Promise<Outcome> {
  const joined = new Map(joins.map((join) => [join.purchase.requestId, join]));
  expect(new Set(purchases.map(({ requestId }) => requestId)).size).toBe(purchases.length);
  const statuses = await endStates(world, purchases, joined);
  expectLinkEvents(world, purchases, statuses);
  expectJoinedEvents(world, joins, statuses);
  expect(world.webengage.eventCount).toBe(purchases.length + joins.length);
  // Telegram hears of a join's 200 a moment after its event went on.
  await eventually(() => world.telegram.updates.pendingCount === 0);
  expect(world.telegram.updates.executedFromWebhookReply).toEqual([]);
  return { orphans: expectOrphansUnseen(world, statuses), repeats: world.webengage.repeatsIgnored };
}

async function endStates(
  world: World,
  purchases: readonly Purchase[],
  joined: ReadonlyMap<string, ExpectedJoin>,
): Promise<ReadonlyMap<string, RequestStatus>> {
  const found = new Map<string, RequestStatus>();
  await eventually(
    async () => {
      for (const { requestId } of purchases) {
        if (found.has(requestId)) continue;
        const status = await statusOf(world.url, requestId);
        expect(status).toMatchObject({ status: 'DONE', weLinkEventFired: true, joinEventFired: joined.has(requestId) });
        if (status !== undefined) found.set(requestId, status);
      }
    },
    { intervalMs: 50 },
  );
  return found;
}

function expectLinkEvents(
  world: World,
  purchases: readonly Purchase[],
  statuses: ReadonlyMap<string, RequestStatus>,
): void {
  const events = eventsOf(world, LINK_CREATED);
  for (const { requestId, userId, transactionId } of purchases) {
    const inviteLink = statuses.get(requestId)?.inviteLink ?? '';
    const sent = events.filter((event) => event.eventData['inviteLink'] === inviteLink);
    expect(sent).toMatchObject([{ userId, eventData: { transactionId, inviteLink } }]);
    const link = world.telegram.links.get(inviteLink);
    expect(link).toMatchObject({
      name: linkNameOf(requestId),
      memberLimit: 1,
      revoked: false,
      createsJoinRequest: false,
    });
    const lagMs = parseEventTime(sent[0]?.eventTime) - Date.parse(statuses.get(requestId)?.linkCreatedAt ?? '');
    expect(Math.abs(lagMs)).toBeLessThan(1_000);
  }
  expect(events).toHaveLength(purchases.length);
}

function expectJoinedEvents(
  world: World,
  joins: readonly ExpectedJoin[],
  statuses: ReadonlyMap<string, RequestStatus>,
): void {
  const events = eventsOf(world, JOINED);
  for (const { purchase, telegramUserId } of joins) {
    const { requestId, userId, transactionId } = purchase;
    const inviteLink = statuses.get(requestId)?.inviteLink ?? '';
    const sent = events.filter((event) => event.eventData['inviteLink'] === inviteLink);
    expect(sent).toMatchObject([
      { userId, eventData: { transactionId, inviteLink, telegramUserId: String(telegramUserId) } },
    ]);
  }
  expect(events).toHaveLength(joins.length);
}

/** Returns how many there are. */
function expectOrphansUnseen(world: World, statuses: ReadonlyMap<string, RequestStatus>): number {
  const recorded = new Set([...statuses.values()].map(({ inviteLink }) => inviteLink));
  const orphans = [...world.telegram.links.all()].filter(({ inviteLink }) => !recorded.has(inviteLink));
  for (const { inviteLink, name, uses } of orphans) {
    expect(uses).toBe(0);
    expect(world.webengage.events.filter(({ eventData }) => eventData['inviteLink'] === inviteLink)).toEqual([]);
    // An operator can tell whose it was.
    expect([...statuses.keys()].map(linkNameOf)).toContain(name);
  }
  return orphans.length;
}

export function eventsOf(world: World, eventName: string): readonly RecordedEvent[] {
  return world.webengage.events.filter((event) => event.eventName === eventName);
}

/** The link that WebEngage was told for a purchase, as the buyer would get it. */
export async function linkInMessage(world: World, purchase: Purchase, timeoutMs?: number): Promise<string> {
  return eventually(
    () => {
      const event = eventsOf(world, LINK_CREATED).find(
        ({ userId, eventData }) => userId === purchase.userId && eventData['transactionId'] === purchase.transactionId,
      );
      const inviteLink = event?.eventData['inviteLink'];
      if (typeof inviteLink !== 'string') throw new Error(`No link for ${purchase.userId} has reached WebEngage`);
      return inviteLink;
    },
    timeoutMs === undefined ? {} : { timeoutMs },
  );
}

/** The buyer opens the link and is let in. */
export async function join(world: World, purchase: Purchase): Promise<ExpectedJoin> {
  const outcome = world.telegram.join({ inviteLink: await linkInMessage(world, purchase) });
  if (!outcome.ok) throw new Error(`Telegram did not let the buyer in: ${outcome.reason}`);
  return { purchase, telegramUserId: outcome.telegramUserId };
}
