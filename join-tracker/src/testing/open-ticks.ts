import { communities, type ConnectedCommunity } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { MembershipTick } from '@paid-community/shared/model/memberships/membership-tick.ts';
import { membershipIdOf, memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { removalGuards, type RemovalGuard } from '@paid-community/shared/model/memberships/removal-guard.ts';
import { boughtMembership, type Bought } from '@paid-community/shared/model/memberships/testing/bought-membership.ts';
import { membershipEvents } from '@paid-community/shared/model/topics.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { createDocument, type DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus, RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { membershipWork, type MembershipWork } from '../memberships/membership-work.ts';
import { tickHandlers } from '../ticks/tick-handlers.ts';

export const DAY_MS = 24 * 3_600_000;

const CONFIG = {
  REMOVAL_BREAKER_PERCENT: 5,
  REMOVAL_BREAKER_LEAST: 10,
  DISPUTE_SUSPENDS: 'false',
  RETENTION_DAYS: 400,
} as const;

/** Memberships of the community `gold`, and the tick over them; what it publishes and queues is kept. */
export interface OpenedTicks {
  readonly store: DocumentStore;
  readonly clock: ManualClock;
  readonly eventBus: RecordingEventBus;
  readonly taskQueue: RecordingTaskQueue;
  /** As another process would have it: nothing but the store is shared. */
  instance(ports?: Partial<MembershipWork>): (publishTime?: Date) => Promise<void>;
  work(ports?: Partial<MembershipWork>): MembershipWork;
  tick(): Promise<void>;
  /** A tick a minute for so long. */
  live(durationMs: number): Promise<void>;
  /** They buy now. */
  buy(...members: readonly Bought[]): Promise<void>;
  /** The operator changes settings of the community. */
  set(settings: Partial<ConnectedCommunity>): Promise<void>;
  community(): ConnectedCommunity;
  /** The store, for a test that changes what one of its functions does. */
  ports(): DocumentStore;
  buyAgain(...userIds: readonly string[]): Promise<void>;
  member(userId: string): Promise<Membership | undefined>;
  guard(): Promise<RemovalGuard | undefined>;
  /** Of the person, in the order in which they were published. */
  told(userId: string): readonly string[];
  /** Whose accounts are asked out, in the order of the queue. */
  askedOut(): readonly string[];
  close(): Promise<void>;
}

export async function openTicks(settings: Partial<ConnectedCommunity> = {}): Promise<OpenedTicks> {
  const clock = new ManualClock();
  const { backend, close } = openTemporaryBackend(clock);
  const { store } = backend;
  const eventBus = new RecordingEventBus();
  const taskQueue = new RecordingTaskQueue();
  let community = someCommunity({ removal: 'on', ...settings });
  await store.commit([createDocument(communities, community.communityId, community)]);
  const workOf: OpenedTicks['work'] = (ports = {}) =>
    membershipWork(CONFIG, { store, eventBus, taskQueue, clock, log: silentLog, ...ports });
  const instance: OpenedTicks['instance'] = (ports) => {
    const work = workOf(ports);
    const [handler] = tickHandlers(work);
    return async (publishTime = new Date(work.clock.now())) =>
      handler?.handle({
        ...MembershipTick.message,
        messageId: '1',
        publishTime,
        deliveryAttempt: 1,
      });
  };
  const tick = instance();
  return {
    store,
    clock,
    eventBus,
    taskQueue,
    instance,
    work: workOf,
    tick,
    live: async (durationMs) => {
      for (let livedMs = 0; livedMs < durationMs; livedMs += 60_000) {
        clock.advance(60_000);
        await tick();
      }
    },
    buy: async (...members) => {
      for (let first = 0; first < members.length; first += 500) {
        const made = members.slice(first, first + 500).map((of) => boughtMembership(of, community, clock.now()));
        await store.commit(made.map((each) => createDocument(memberships, each.membershipId, each)));
      }
    },
    set: async (changed) => {
      community = { ...community, ...changed, updatedAt: new Date(clock.now()).toISOString() };
      await changeDocument(store, communities, community.communityId, () => community);
      // Nobody goes by the settings as they were any more.
      clock.advance(60_000);
    },
    community: () => community,
    ports: () => ({
      get: (collection, id) => store.get(collection, id),
      commit: (writes) => store.commit(writes),
      query: (query) => store.query(query),
      count: (query) => store.count(query),
    }),
    buyAgain: async (...userIds) => {
      for (const userId of userIds) {
        const id = membershipIdOf('gold', { userId });
        await changeDocument(store, memberships, id, () => boughtMembership({ userId }, community, clock.now()));
      }
    },
    member: async (userId) => (await store.get(memberships, membershipIdOf('gold', { userId })))?.data,
    guard: async () => (await store.get(removalGuards, 'gold'))?.data,
    told: (userId) =>
      eventBus.eventsOn(membershipEvents).flatMap(({ type, data }) => {
        const { userId: of } = data as { readonly userId: string };
        return of === userId ? [String(type)] : [];
      }),
    askedOut: () =>
      taskQueue.tasks.flatMap(({ name, payload }) =>
        name.startsWith('remove-') ? [(JSON.parse(payload) as { telegramUserId: string }).telegramUserId] : [],
      ),
    close,
  };
}
