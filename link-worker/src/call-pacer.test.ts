import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/backends/backend.ts';
import { ManualClock } from '@paid-community/shared/testing/manual-clock.ts';
import { openTemporaryBackend } from '@paid-community/shared/testing/temporary-backend.ts';
import { CallPacer } from './call-pacer.ts';

describe('pacing the calls of a bot', () => {
  let clock: ManualClock;
  let backend: Backend;
  let close: () => Promise<void>;
  let pacer: CallPacer;

  beforeEach(async () => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    pacer = new CallPacer({ botId: '7', spacingMs: 200 }, { store: backend.documentStore, clock });
    // The first turn reads the stored pause; from then on turns depend on the clock alone.
    await pacer.turn();
    clock.advance(200);
  });

  afterEach(() => close());

  test('concurrent turns are granted at least the spacing apart', async () => {
    const start = clock.now();
    const grantedAt: number[] = [];
    const turns = [1, 2, 3, 4].map(async () => {
      expect(await pacer.turn()).toEqual({ granted: true });
      grantedAt.push(clock.now() - start);
    });
    for (let step = 0; step < 700; step += 50) {
      await new Promise(setImmediate);
      clock.advance(50);
    }
    await Promise.all(turns);
    expect(grantedAt).toEqual([0, 200, 400, 600]);
  });

  test('a pause that is ordered while a call waits for its turn holds that call back', async () => {
    await pacer.turn();
    const waiting = pacer.turn();
    await new Promise(setImmediate);
    await pacer.pause(5_000);
    const until = clock.now() + 5_000;
    clock.advance(200);
    expect(await waiting).toEqual({ granted: false, notBefore: new Date(until + 200) });
  });

  test('nobody waits in the handler for more than ten seconds', async () => {
    const turns = Array.from({ length: 60 }, () => pacer.turn());
    const start = clock.now();
    const last = await turns.at(-1);
    expect(last).toEqual({ granted: false, notBefore: new Date(start + 51 * 200) });
    clock.advance(20_000);
    await Promise.all(turns);
  });

  test('two instances that are told to stop at the same time store the longer pause', async () => {
    const other = new CallPacer({ botId: '7', spacingMs: 200 }, { store: backend.documentStore, clock });
    await Promise.all([pacer.pause(30_000), other.pause(90_000)]);
    const restarted = new CallPacer({ botId: '7', spacingMs: 200 }, { store: backend.documentStore, clock });
    expect(await restarted.turn()).toEqual({ granted: false, notBefore: new Date(clock.now() + 90_000) });
  });

  test('another bot is not held back', async () => {
    await pacer.pause(30_000);
    const other = new CallPacer({ botId: '8', spacingMs: 200 }, { store: backend.documentStore, clock });
    expect(await other.turn()).toEqual({ granted: true });
  });
});
