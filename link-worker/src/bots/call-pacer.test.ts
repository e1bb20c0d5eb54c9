import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { CallPacer } from './call-pacer.ts';
import type { RateBounds } from './pace/rate-state.ts';
import { watchStore } from '../testing/watched-store.ts';

const everyMs = (spacingMs: number): RateBounds => ({
  adaptive: false,
  startPerSecond: 1_000 / spacingMs,
  floorPerSecond: 0.02,
  ceilingPerSecond: 30,
});

describe('pacing the calls of a bot', () => {
  let clock: ManualClock;
  let backend: Backend;
  let close: () => Promise<void>;
  let store: DocumentStore;
  let settled: () => Promise<void>;
  let pacer: CallPacer;

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    ({ store, settled } = watchStore(backend.store));
    pacer = newPacer('first');
  });

  afterEach(() => close());

  function newPacer(instanceId: string, botId = '7'): CallPacer {
    return new CallPacer({ botId, kind: 'link', instanceId, bounds: everyMs(200) }, { store, clock });
  }

  test('concurrent turns are granted at least the spacing apart', async () => {
    const start = clock.now();
    const grantedAt: number[] = [];
    const turns = [1, 2, 3, 4].map(async () => {
      expect(await pacer.turn()).toEqual({ granted: true });
      grantedAt.push(clock.now() - start);
    });
    for (let step = 0; step <= 700; step += 50) {
      await settled();
      clock.advance(50);
    }
    await Promise.all(turns);
    expect(grantedAt).toEqual([0, 200, 400, 600]);
  });

  test('a pause that is ordered while a call waits for its turn holds that call back', async () => {
    await pacer.turn();
    const waiting = pacer.turn();
    await settled();
    await pacer.refused(clock.monotonicMs(), 5_000);
    const until = clock.now() + 5_000;
    clock.advance(200);
    expect(await waiting).toEqual({ granted: false, notBefore: new Date(until + 200) });
  });

  test('nobody waits in the handler for more than ten seconds', async () => {
    const turns = Array.from({ length: 60 }, () => pacer.turn());
    const start = clock.now();
    const late = await Promise.all(turns.slice(51));
    expect(late).toEqual(
      late.map((_turn, index) => ({ granted: false, notBefore: new Date(start + (51 + index) * 200) })),
    );
    clock.advance(20_000);
    await Promise.all(turns);
  });

  test('of two pauses that two instances get at the same time, the longer one is stored', async () => {
    await Promise.all([
      pacer.refused(clock.monotonicMs(), 30_000),
      newPacer('second').refused(clock.monotonicMs(), 90_000),
    ]);
    expect(await newPacer('restarted').turn()).toEqual({ granted: false, notBefore: new Date(clock.now() + 90_000) });
  });

  test('another bot is not held back', async () => {
    await pacer.refused(clock.monotonicMs(), 30_000);
    expect(await newPacer('first', '8').turn()).toEqual({ granted: true });
  });
});
