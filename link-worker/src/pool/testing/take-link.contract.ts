import { describe, expect, test } from '@jest/globals';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { received } from '@paid-community/shared/model/links/receive-purchase.ts';
import type { QueuedRequest } from '@paid-community/shared/model/links/request-states.ts';
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
            return takeLink(request, processes[number % PROCESSES] ?? poolProcess(deps));
          }),
        );
        await check({ pool, taken });
      });
    }

    const linksOf = (taken: readonly TakenLink[]): string[] =>
      taken.flatMap((each) => (each.kind === 'taken' ? [each.request.inviteLink] : []));

    test('each purchase gets one of its own while there are links', async () => {
      await takenBy(100, 200, async ({ pool, taken }) => {
        const links = new Set(linksOf(taken)).size;
        // One that loses again and again goes the ordinary way.
        expect(links).toBeGreaterThanOrEqual(95);
        expect(await pool.counts()).toEqual({ AVAILABLE: 200 - links, TAKEN: links, RETIRING: 0 });
        for (const link of await pool.links()) {
          if (link.state !== 'TAKEN') continue;
          expect(await pool.request(link.requestId)).toMatchObject({ status: 'DONE', inviteLink: link.inviteLink });
        }
      });
    });

    test('of more purchases than links, no two get the same, and those without one have no request', async () => {
      await takenBy(60, 20, async ({ pool, taken }) => {
        const links = linksOf(taken);
        expect(new Set(links).size).toBe(links.length);
        expect(await pool.counts()).toEqual({ AVAILABLE: 20 - links.length, TAKEN: links.length, RETIRING: 0 });
        const without = taken.flatMap(({ kind }, number) => (kind === 'none' ? [number] : []));
        expect(without.length).toBe(60 - links.length);
        for (const number of without) expect(await pool.request(`${pool.communityId}-${number}`)).toBeUndefined();
      });
    });

    test('the same purchase, delivered to all of them, gets one link', async () => {
      await takenBy(
        2 * PROCESSES,
        40,
        async ({ pool, taken }) => {
          expect(taken.filter(({ kind }) => kind === 'taken')).toHaveLength(1);
          expect(taken.filter(({ kind }) => kind === 'known')).toHaveLength(2 * PROCESSES - 1);
          expect(await pool.counts()).toMatchObject({ AVAILABLE: 39, TAKEN: 1 });
        },
        () => 'same',
      );
    });
  });
}
