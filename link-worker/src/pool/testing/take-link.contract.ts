import { describe, expect, test } from '@jest/globals';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { received } from '@paid-community/shared/model/links/receive-purchase.ts';
import type { QueuedRequest } from '@paid-community/shared/model/links/request-states.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import {
  freshSuffix,
  withBackend,
  type ContractHarness,
} from '@paid-community/shared/platform/testing/contracts/harness.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { takeLink, type TakenLink } from '../take-link.ts';
import { poolProcess, StoredPool } from './stored-pool.ts';

const PROCESSES = 4;
const storeOnly = { topics: [], subscriptions: [], queues: [], collections: topology.collections };

function purchase(requestId: string, communityId: string): QueuedRequest {
  const time = new Date(systemClock.now()).toISOString();
  const data = { requestId, userId: 'u', transactionId: requestId, communityId };
  const event = PurchaseReceived.create({ time, traceparent: '00-c-d-01', data });
  return received(event, new Date(systemClock.now() + 1e9).toISOString());
}

/** As the bus does: what the store did not confirm is delivered again. */
async function untilAnswered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    return untilAnswered(work);
  }
}

/** What several processes that take links at once must keep to, on every backend. */
export function takeLinkContract(harness: ContractHarness): void {
  describe(`taking links of a pool on ${harness.name}`, () => {
    async function takenBy(
      purchases: number,
      links: number,
      check: (world: { readonly pool: StoredPool; readonly taken: readonly TakenLink[] }) => Promise<void>,
      idOf: (number: number) => string = String,
    ): Promise<void> {
      await withBackend(harness, storeOnly, async ({ store }) => {
        const deps = { store, clock: systemClock };
        const pool = new StoredPool(`pool-${freshSuffix()}`, deps);
        await pool.wants(links);
        await pool.has(links);
        const processes = Array.from({ length: PROCESSES }, () => poolProcess(deps));
        const taken = await Promise.all(
          Array.from({ length: purchases }, (_, number) => {
            const request = purchase(`${pool.communityId}-${idOf(number)}`, pool.communityId);
            return untilAnswered(() => takeLink(request, processes[number % PROCESSES] ?? poolProcess(deps)));
          }),
        );
        await check({ pool, taken });
      });
    }

    async function expectOneEach(pool: StoredPool): Promise<void> {
      const taken = (await pool.links()).flatMap((link) => (link.state === 'TAKEN' ? [link] : []));
      expect(new Set(taken.map(({ requestId }) => requestId)).size).toBe(taken.length);
      for (const { requestId, inviteLink } of taken)
        expect(await pool.request(requestId)).toMatchObject({ status: 'DONE', inviteLink });
    }

    test('each purchase gets one of its own while there are links', async () => {
      await takenBy(40, 80, async ({ pool, taken }) => {
        const without = taken.filter(({ kind }) => kind === 'none').length;
        // One that loses again and again goes the ordinary way.
        expect(without).toBeLessThanOrEqual(4);
        expect(await pool.counts()).toEqual({ AVAILABLE: 40 + without, TAKEN: 40 - without, RETIRING: 0 });
        await expectOneEach(pool);
      });
    });

    test('of more purchases than links, no two get the same, and those without one have no request', async () => {
      await takenBy(40, 12, async ({ pool, taken }) => {
        await expectOneEach(pool);
        const without = taken.flatMap(({ kind }, number) => (kind === 'none' ? [number] : []));
        expect(await pool.counts()).toMatchObject({ TAKEN: 40 - without.length });
        for (const number of without) expect(await pool.request(`${pool.communityId}-${number}`)).toBeUndefined();
      });
    });

    test('the same purchase, delivered to all of them, gets one link', async () => {
      await takenBy(
        2 * PROCESSES,
        40,
        async ({ pool, taken }) => {
          expect(taken.filter(({ kind }) => kind === 'none')).toEqual([]);
          expect(await pool.counts()).toMatchObject({ AVAILABLE: 39, TAKEN: 1 });
        },
        () => 'same',
      );
    });
  });
}
