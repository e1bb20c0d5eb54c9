import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import type { Turn } from '../calls/make-call.ts';
import { CallPacer } from './call-pacer.ts';
import type { RateBounds } from './pace/rate-state.ts';
import { watchStore } from '../testing/watched-store.ts';

const SPACING_MS = 100;
const FIXED: RateBounds = {
  adaptive: false,
  startPerSecond: 1_000 / SPACING_MS,
  floorPerSecond: 0.02,
  ceilingPerSecond: 30,
};
const ADAPTIVE: RateBounds = { ...FIXED, adaptive: true };

describe('several instances on one store', () => {
  let clock: ManualClock;
  let backend: Backend;
  let close: () => Promise<void>;
  let store: DocumentStore;
  let settled: () => Promise<void>;

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    ({ store, settled } = watchStore(backend.store));
  });

  afterEach(() => close());

  const instance = (instanceId: string, bounds = FIXED): CallPacer =>
    new CallPacer({ botId: '7', kind: 'link', instanceId, bounds }, { store, clock });

  async function pass(durationMs: number): Promise<void> {
    for (let passed = 0; passed < durationMs; passed += 20) {
      clock.advance(20);
      await settled();
    }
  }

  /** Calls again and again, each answered after 30 ms, as long as turns are granted. */
  async function callOnAndOn(pacer: CallPacer, calledAt: number[], until: number): Promise<void> {
    for (;;) {
      if (!(await pacer.turn()).granted || clock.now() >= until) return;
      const startedAt = clock.now();
      const sentAtMs = clock.monotonicMs();
      calledAt.push(startedAt);
      await clock.sleep(30);
      pacer.accepted(sentAtMs);
    }
  }

  test('the calls of three together keep the distance, and each gets its part', async () => {
    const until = clock.now() + 9_000;
    const calls: number[][] = [[], [], []];
    const work = calls.map((calledAt, index) => callOnAndOn(instance(`instance-${index}`), calledAt, until));
    await pass(12_000);
    await Promise.all(work);
    const all = calls.flat().sort((a, b) => a - b);
    const gaps = all.slice(1).map((at, index) => at - (all[index] ?? 0));
    // The clock moves in steps of 20 ms.
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(SPACING_MS - 20);
    expect(all.length).toBeGreaterThan(70);
    for (const { length } of calls) expect(length).toBeGreaterThan(10);
  });

  test('a pause that one instance gets is kept by another that has asked for its turn already', async () => {
    const first = instance('first');
    const second = instance('second');
    const startedAt = clock.now();
    expect(await first.turn()).toEqual({ granted: true });
    // Its slice begins where that of the first ends, and is granted before the pause.
    const waiting = second.turn();
    await settled();
    clock.advance(40);
    await first.refused(startedAt, 30_000);
    await pass(200);
    expect(await waiting).toEqual({ granted: false, notBefore: new Date(startedAt + 40 + 30_000) });
    await pass(29_000);
    expect((await second.turn()).granted).toBe(false);
    await pass(1_000);
    expect((await second.turn()).granted).toBe(true);
  });

  test('a pause that comes in the slice of another instance ends that slice within a second', async () => {
    const first = instance('first');
    const second = instance('second');
    const calledAt: number[] = [];
    const late = clock.monotonicMs();
    expect((await first.turn()).granted).toBe(true);
    const work = callOnAndOn(second, calledAt, clock.now() + 60_000);
    await pass(3_000);
    await first.refused(late, 30_000);
    const orderedAt = clock.now();
    await pass(3_000);
    await work;
    expect(calledAt.length).toBeGreaterThan(20);
    expect(Math.max(...calledAt)).toBeLessThanOrEqual(orderedAt + 1_000);
  });

  test('restarted again and again during a pause, no instance calls', async () => {
    const first = instance('first');
    expect((await first.turn()).granted).toBe(true);
    await first.refused(clock.monotonicMs(), 10_000);
    const turns: Turn[] = [];
    for (let restart = 0; restart < 9; restart += 1) {
      await pass(1_000);
      turns.push(await instance(`restart-${restart}`).turn());
    }
    expect(turns.filter(({ granted }) => granted)).toEqual([]);
  });

  test('what was learned is there after a restart', async () => {
    const first = instance('first', ADAPTIVE);
    const startedAt = clock.now();
    expect((await first.turn()).granted).toBe(true);
    await first.refused(startedAt, 1_000);
    const learned = (await backend.store.get(botRates, '7'))?.data.learned;
    expect(learned?.['perSecond']).toBeLessThan(ADAPTIVE.startPerSecond);
    await pass(6_000);
    const restarted = instance('restarted', ADAPTIVE);
    const calledAt: number[] = [];
    const work = callOnAndOn(restarted, calledAt, clock.now() + 1_500);
    await pass(2_500);
    await work;
    const gaps = calledAt.slice(1).map((at, index) => at - (calledAt[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000 / (learned?.['perSecond'] ?? Infinity) - 20);
  });

  test('a refusal is learned, though another instance has written what is known last', async () => {
    const first = instance('first', ADAPTIVE);
    const startedAt = clock.monotonicMs();
    expect((await first.turn()).granted).toBe(true);
    const next = instance('second', ADAPTIVE).turn();
    await settled();
    await first.refused(startedAt, 30_000);
    expect((await backend.store.get(botRates, '7'))?.data.learned?.['perSecond']).toBeLessThan(ADAPTIVE.startPerSecond);
    await pass(200);
    expect((await next).granted).toBe(false);
  });

  test('a document that another version has written counts for its pause, and not for what it says it has learned', async () => {
    const pausedUntil = new Date(clock.now() + 5_000).toISOString();
    const data = { pausedUntil, grantedUntil: pausedUntil, grantedTo: 'other', learned: { perSecond: 1e6 } };
    await backend.store.commit([{ kind: 'create', collection: botRates.name, id: '7', data }]);
    const pacer = instance('first', ADAPTIVE);
    expect((await pacer.turn()).granted).toBe(false);
    await pass(5_000);
    expect((await pacer.turn()).granted).toBe(true);
    const next = pacer.turn();
    await settled();
    clock.advance(1_000 / ADAPTIVE.startPerSecond);
    expect((await next).granted).toBe(true);
  });
});
