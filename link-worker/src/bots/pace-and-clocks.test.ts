import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { ConflictError } from '@paid-community/shared/platform/ports/errors.ts';
import { botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { seededRandom } from '@paid-community/shared/platform/testing/seeded-random.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { CallPacer } from './call-pacer.ts';
import type { RateBounds } from './pace/rate-state.ts';
import { watchStore } from '../testing/watched-store.ts';

const SPACING_MS = 100;
/** The time moves in steps of so much. */
const STEP_MS = 20;
const FIXED: RateBounds = {
  adaptive: false,
  startPerSecond: 1_000 / SPACING_MS,
  floorPerSecond: 0.02,
  ceilingPerSecond: 30,
};
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const YEAR_MS = 365 * DAY_MS;

/** The clock of one machine: it runs like all, and says what it was set to. */
class MachineClock implements Clock {
  readonly #true: ManualClock;
  #aheadMs: number;
  readonly #originMs: number;

  constructor(trueClock: ManualClock, aheadMs: number, originMs = 0) {
    this.#true = trueClock;
    this.#aheadMs = aheadMs;
    this.#originMs = originMs;
  }

  now(): number {
    return this.#true.now() + this.#aheadMs;
  }

  monotonicMs(): number {
    return this.#true.monotonicMs() - this.#originMs;
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return this.#true.sleep(durationMs, signal);
  }

  setBy(jumpMs: number): void {
    this.#aheadMs += jumpMs;
  }
}

describe('the pace of a bot does not depend on the clocks', () => {
  let time: ManualClock;
  let backend: Backend;
  let close: () => Promise<void>;
  let store: DocumentStore;
  let settled: () => Promise<void>;
  let started = 0;

  beforeEach(() => {
    time = new ManualClock();
    ({ backend, close } = openTemporaryBackend(time));
    ({ store, settled } = watchStore(backend.store));
  });

  afterEach(() => close());

  /** A process on a machine; its monotonic time is its own. */
  function start(aheadMs: number, bounds = FIXED): { readonly clock: MachineClock; readonly pacer: CallPacer } {
    started += 1;
    const clock = new MachineClock(time, aheadMs, started * 7_654_321);
    return {
      clock,
      pacer: new CallPacer({ botId: '7', kind: 'link', instanceId: `instance-${started}`, bounds }, { store, clock }),
    };
  }

  async function pass(durationMs: number, atEachStep: () => void = () => undefined): Promise<void> {
    for (let passed = 0; passed < durationMs; passed += STEP_MS) {
      atEachStep();
      time.advance(STEP_MS);
      await settled();
    }
  }

  /**
   * Makes calls until the true time `until`, and comes back at the time of its turn. Returns when it called, in true time.
   */
  async function callOn({ clock, pacer }: ReturnType<typeof start>, until: number): Promise<number[]> {
    const calls: number[] = [];
    while (time.now() < until) {
      const turn = await pacer.turn();
      if (time.now() >= until) break;
      if (!turn.granted) {
        await time.sleep(Math.max(STEP_MS, turn.notBefore.getTime() - clock.now()));
        continue;
      }
      calls.push(time.now());
      const sentAtMs = clock.monotonicMs();
      await time.sleep(30);
      pacer.accepted(sentAtMs);
    }
    return calls;
  }

  function smallestGap(calls: readonly number[]): number {
    const all = [...calls].sort((a, b) => a - b);
    return Math.min(...all.slice(1).map((at, index) => at - (all[index] ?? 0)));
  }

  function longestGap(calls: readonly number[]): number {
    const all = [...calls].sort((a, b) => a - b);
    return Math.max(...all.slice(1).map((at, index) => at - (all[index] ?? 0)));
  }

  test.each([-5 * MINUTE_MS, 5 * MINUTE_MS, -YEAR_MS, YEAR_MS])(
    'a clock that is set by %d ms neither holds the calls back nor lets a burst through',
    async (jumpMs) => {
      const instance = start(0);
      const calling = callOn(instance, time.now() + 4_000);
      await pass(2_000);
      instance.clock.setBy(jumpMs);
      await pass(8_000);
      const calls = await calling;
      expect(calls.length).toBeGreaterThan(25);
      expect(smallestGap(calls)).toBeGreaterThanOrEqual(SPACING_MS - STEP_MS);
      expect(longestGap(calls)).toBeLessThan(400);
    },
  );

  test.each([-5 * MINUTE_MS, -YEAR_MS, 5 * MINUTE_MS])(
    'a restart after the clock was set by %d ms goes on within the time of a slice',
    async (jumpMs) => {
      const calling = callOn(start(0), time.now() + 3_000);
      await pass(6_000);
      const before = await calling;
      const again = callOn(start(jumpMs), time.now() + 12_000);
      await pass(14_000);
      const calls = await again;
      expect(calls.length).toBeGreaterThan(30);
      expect(smallestGap([...before, ...calls])).toBeGreaterThanOrEqual(SPACING_MS - STEP_MS);
    },
  );

  test('a clock that is set back before the restart, and not only at it, is no other', async () => {
    const first = start(0);
    const calling = callOn(first, time.now() + 3_000);
    await pass(1_000);
    first.clock.setBy(-5 * MINUTE_MS);
    await pass(6_000);
    await calling;
    const again = callOn(start(-5 * MINUTE_MS), time.now() + 3_000);
    await pass(8_000);
    expect((await again).length).toBeGreaterThan(10);
  });

  test.each([0, -5 * MINUTE_MS, -YEAR_MS])(
    'a pause is kept to its end and no longer, by the one that was told and by one that starts when the clock was set by %d ms',
    async (jumpMs) => {
      const first = start(0);
      await first.pacer.refused(first.clock.monotonicMs(), 30_000);
      const orderedAt = time.now();
      first.clock.setBy(jumpMs);
      const second = start(jumpMs);
      const calls = [callOn(first, orderedAt + 40_000), callOn(second, orderedAt + 40_000)];
      await pass(55_000);
      for (const made of await Promise.all(calls)) {
        expect(Math.min(...made)).toBeGreaterThanOrEqual(orderedAt + 30_000);
        expect(made.length).toBeGreaterThan(5);
      }
    },
  );

  test('a pause of two weeks is believed, a longer one cannot be', async () => {
    const { pacer, clock } = start(0);
    await pacer.refused(clock.monotonicMs(), 14 * DAY_MS);
    const turn = await start(0).pacer.turn();
    expect(turn).toEqual({ granted: false, notBefore: new Date(time.now() + 14 * DAY_MS) });
    const until = new Date(time.now() + YEAR_MS).toISOString();
    const data = { pausedUntil: until, grantedUntil: until, grantedTo: 'an older version' };
    await backend.store.commit([{ kind: 'delete', collection: botRates.name, id: '7' }]);
    await backend.store.commit([{ kind: 'create', collection: botRates.name, id: '7', data }]);
    expect(await start(0).pacer.turn()).toEqual({ granted: true });
  });

  test.each([
    [0, 5 * MINUTE_MS],
    [0, -5 * MINUTE_MS],
    [-5 * MINUTE_MS, 5 * MINUTE_MS],
    [0, 30_000],
    [0, -YEAR_MS],
  ])(
    'two instances whose clocks are %d and %d ms ahead keep the pace together, and each gets its part',
    async (first, second) => {
      const until = time.now() + 40_000;
      const calling = [start(first), start(second)].map((instance) => callOn(instance, until));
      await pass(60_000);
      const calls = await Promise.all(calling);
      // The very first slices are taken before the two have seen of each other how their clocks are.
      const later = calls.map((made) => made.filter((at) => at > until - 30_000));
      expect(smallestGap(later.flat())).toBeGreaterThanOrEqual(SPACING_MS - STEP_MS);
      for (const made of later) expect(made.length).toBeGreaterThan(30);
      expect(later.flat().length).toBeGreaterThan(150);
      expect(longestGap(calls.flat())).toBeLessThan(16_000);
    },
  );

  test('property: three instances whose clocks are wrong and set again and again hardly ever pass the pace, and never stand still', async () => {
    for (const seed of [1, 2, 3]) {
      const random = seededRandom(seed);
      const any = (): number => Math.round((random() - 0.5) * 10 ** (3 + Math.floor(random() * 8)));
      const instances = [start(any()), start(any()), start(any())];
      const begin = time.now();
      const calling = instances.map((instance) => callOn(instance, begin + 60_000));
      let jumps = 0;
      await pass(80_000, () => {
        if (random() > 0.002) return;
        jumps += 1;
        instances[Math.floor(random() * 3)]?.clock.setBy(any());
      });
      const calls = (await Promise.all(calling)).flat().sort((a, b) => a - b);
      expect(jumps).toBeGreaterThan(3);
      // After a jump one slice, a second at most while others call, may lie beside another's.
      expect(calls.length).toBeLessThanOrEqual(600 + (jumps + 3) * 20);
      expect(calls.length).toBeGreaterThan(250);
      expect(longestGap(calls)).toBeLessThan(16_000);
    }
  });

  test('an instance that always comes second gives up after a while, and says so', async () => {
    let tries = 0;
    const losing: DocumentStore = {
      get: (collection, id) => backend.store.get(collection, id),
      query: (query) => backend.store.query(query),
      count: (query) => backend.store.count(query),
      commit: () => {
        tries += 1;
        return Promise.reject(new ConflictError('somebody else was first'));
      },
    };
    const pacer = new CallPacer(
      { botId: '7', kind: 'link', instanceId: 'second', bounds: FIXED },
      { store: losing, clock: time },
    );
    await expect(pacer.turn()).rejects.toMatchObject({ name: 'RetryableError', code: 'pace_contended' });
    expect(tries).toBe(12);
  });
});
