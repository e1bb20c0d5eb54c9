import { expect, test } from '@jest/globals';
import { settleEffects } from '@paid-community/shared/memberships/change-membership.ts';
import { MemberRemoved } from '@paid-community/shared/model/memberships/membership-events.ts';
import { memberships } from '@paid-community/shared/model/memberships/membership.ts';
import {
  DisputeClosed,
  PurchaseDisputed,
  PurchaseRefunded,
} from '@paid-community/shared/model/purchases/purchase-notes.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import {
  DAY_MS,
  MEMBERSHIP_ID,
  openMemberships,
  type OpenedMemberships,
  type Ports,
} from '../testing/open-memberships.ts';

// A process dies at each of its calls that change something, before the other side has done what was asked, and after:
// to die at a read is to die before the next one of them. The bus delivers the message again. What is told and asked for
// is then the same, in the same order, as if nothing had happened.

interface Crash {
  /** Counted from 1. */
  readonly atCall: number;
  readonly isDone: boolean;
}

/** Dies once. */
class CrashingPorts {
  calls = 0;
  readonly #crash: Crash | undefined;

  constructor(crash: Crash | undefined) {
    this.#crash = crash;
  }

  around({ store, eventBus, taskQueue }: Ports): Ports {
    return {
      store: {
        get: (...of) => store.get(...of),
        commit: (...of) => this.#call(() => store.commit(...of)),
        query: (...of) => store.query(...of),
        count: (...of) => store.count(...of),
      },
      eventBus: {
        publish: (...of) => this.#call(() => eventBus.publish(...of)),
        seek: (...of) => eventBus.seek(...of),
      },
      taskQueue: { enqueue: (...of) => this.#call(() => taskQueue.enqueue(...of)) },
    };
  }

  async #call<T>(of: () => Promise<T>): Promise<T> {
    this.calls += 1;
    const dies = this.calls === this.#crash?.atCall;
    if (dies && !this.#crash.isDone) throw new Error('The process dies');
    const result = await of();
    if (dies) throw new Error('The process dies');
    return result;
  }
}

/** Two purchases, one of them refunded, a dispute that is won, and an answer of Telegram. */
function* history(opened: OpenedMemberships): Generator<DomainEvent<unknown>> {
  yield opened.bought({ telegramUserId: '77' });
  yield opened.bought();
  yield opened.happens(PurchaseRefunded, { requestId: 'request-2', refundId: 'all' });
  yield opened.happens(PurchaseDisputed, { requestId: 'request-1' });
  opened.clock.advance(DAY_MS);
  yield opened.happens(DisputeClosed, { requestId: 'request-1', outcome: 'won' as const });
  yield opened.happens(MemberRemoved, { ...person, telegramUserId: '77' });
  yield opened.happens(PurchaseRefunded, { requestId: 'request-1', refundId: 'all' });
}

const person = { membershipId: MEMBERSHIP_ID, communityId: 'gold', userId: 'user-1' };

/** What others see in the end. An event that comes again has the same id, and is known by it. */
async function outcomeOf(crash: Crash | undefined): Promise<{ readonly calls: number; readonly seen: unknown }> {
  const ports = new CrashingPorts(crash);
  const opened = await openMemberships({ removal: 'on' }, (of) => ports.around(of));
  try {
    for (const event of history(opened)) await opened.deliver(event).catch(() => opened.deliver(event));
    const { work, eventBus, taskQueue, backend } = opened;
    const left = await backend.store.get(memberships, MEMBERSHIP_ID);
    if (left !== undefined) await settleEffects(left.data, await work.rulesOf('gold'), 'traceparent', work);
    const ids = eventBus.published.map(({ message }) => message.attributes['id']);
    const seen = {
      membership: await opened.membership(),
      told: [...new Set(ids)],
      asked: taskQueue.tasks.map(({ name }) => name),
    };
    return { calls: ports.calls, seen };
  } finally {
    await opened.close();
  }
}

test('a process may die at each call: all is told and asked for, once and in the same order', async () => {
  const { calls, seen } = await outcomeOf(undefined);
  expect(seen).toMatchObject({
    told: [
      expect.stringContaining('membership-started'),
      expect.stringContaining('membership-renewed'),
      expect.stringContaining('membership-revoked'),
      expect.stringContaining('membership-renewed'),
      expect.stringContaining('link-needed'),
      expect.stringContaining('link-needed'),
      expect.stringContaining('membership-revoked'),
    ],
  });
  const crashes = Array.from({ length: calls }, (_, index) => index + 1).flatMap((atCall) =>
    [false, true].map((isDone): Crash => ({ atCall, isDone })),
  );
  const outcomes = await Promise.all(crashes.map(async (crash) => ({ crash, seen: (await outcomeOf(crash)).seen })));
  expect(outcomes).toEqual(crashes.map((crash) => ({ crash, seen })));
}, 60_000);
