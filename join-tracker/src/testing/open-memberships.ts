import { communities, type ConnectedCommunity } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { grants, type StoredGrant } from '@paid-community/shared/model/memberships/grant.ts';
import { memberships, membershipIdOf, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import {
  PurchaseReceived,
  type PurchaseReceivedData,
} from '@paid-community/shared/model/purchases/purchase-received.ts';
import { membershipEvents } from '@paid-community/shared/model/topics.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import type { DomainEvent, EventDefinition } from '@paid-community/shared/platform/delivery/define-event.ts';
import type { TypedMessageHandler } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus, RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { answerHandlers } from '../memberships/answer-handlers.ts';
import { linkHandlers } from '../memberships/link-handlers.ts';
import { membershipWork, type MembershipWork } from '../memberships/membership-work.ts';
import { purchaseHandlers } from '../memberships/purchase-handlers.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
export const DAY_MS = 24 * 3_600_000;
/** Of user-1 in the community gold. */
export const MEMBERSHIP_ID = membershipIdOf('gold', { userId: 'user-1' });

/** What handles events of memberships, over a store of its own; what it publishes and queues is kept. */
export interface OpenedMemberships {
  readonly backend: Backend;
  readonly clock: ManualClock;
  readonly eventBus: RecordingEventBus;
  readonly taskQueue: RecordingTaskQueue;
  readonly work: MembershipWork;
  /** As the bus delivers it. @throws what its handler throws */
  deliver(event: DomainEvent<unknown>): Promise<void>;
  /** A purchase of user-1 in gold, for 30 days from now. */
  bought(data?: Partial<PurchaseReceivedData>): DomainEvent<PurchaseReceivedData>;
  /** A purchase of user-1 as everybody makes it today. */
  boughtWithoutPlan(communityId: string): DomainEvent<PurchaseReceivedData>;
  /** An event of now. */
  happens<Data>(definition: EventDefinition<Data>, data: Data): DomainEvent<Data>;
  /** Of user-1 in gold. */
  membership(): Promise<Membership | undefined>;
  grant(grantId: string): Promise<StoredGrant | undefined>;
  /** The types of the events of memberships, in the order in which they were published. */
  told(): readonly unknown[];
  close(): Promise<void>;
}

/** What a process calls and may not survive. */
export type Ports = Pick<MembershipWork, 'store' | 'eventBus' | 'taskQueue'>;

/** With a community `gold` and what `settings` changes of it. */
export async function openMemberships(
  settings: Partial<ConnectedCommunity> = {},
  around: (ports: Ports) => Ports = (ports) => ports,
): Promise<OpenedMemberships> {
  const clock = new ManualClock();
  const { backend, close } = openTemporaryBackend(clock);
  const eventBus = new RecordingEventBus();
  const taskQueue = new RecordingTaskQueue();
  const { store } = backend;
  await store.commit([createDocument(communities, 'gold', someCommunity(settings))]);
  const config = {
    REMOVAL_BREAKER_PERCENT: 5,
    REMOVAL_BREAKER_LEAST: 10,
    DISPUTE_SUSPENDS: 'true',
    RETENTION_DAYS: 400,
  } as const;
  const work = membershipWork(config, { ...around({ store, eventBus, taskQueue }), clock, log: silentLog });
  const handlers = new Map<string | undefined, TypedMessageHandler>(
    [...purchaseHandlers(work), ...linkHandlers(work), ...answerHandlers(work)].map((handler) => [
      handler.type,
      handler,
    ]),
  );
  const happens: OpenedMemberships['happens'] = (definition, data) =>
    definition.create({ time: new Date(clock.now()).toISOString(), traceparent: TRACEPARENT, data });
  let purchases = 0;
  const purchase = (communityId: string): PurchaseReceivedData => {
    purchases += 1;
    return { requestId: `request-${purchases}`, userId: 'user-1', transactionId: 'txn', communityId };
  };
  return {
    backend,
    clock,
    eventBus,
    taskQueue,
    work,
    happens,
    deliver: async (event) => {
      const { id, type, subject, traceparent } = event;
      await handlers.get(type)?.handle({
        data: JSON.stringify(event),
        attributes: { id, type, subject, traceparent },
        messageId: id,
        publishTime: new Date(clock.now()),
        deliveryAttempt: 1,
      });
    },
    bought: (data) =>
      happens(PurchaseReceived, {
        ...purchase('gold'),
        planId: 'monthly',
        planName: 'Monthly',
        period: 'P30D',
        ...data,
      }),
    boughtWithoutPlan: (communityId) => happens(PurchaseReceived, purchase(communityId)),
    membership: async () => (await store.get(memberships, MEMBERSHIP_ID))?.data,
    grant: async (grantId) => (await store.get(grants, grantId))?.data,
    told: () => eventBus.eventsOn(membershipEvents).map(({ type }) => type),
    close,
  };
}
