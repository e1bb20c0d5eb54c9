import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CallPacer } from '@paid-community/link-worker/bots/call-pacer.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { OperationCounter } from '../../tests/e2e/harness/billed-operations.ts';

// What it costs to keep the pace, in operations of the store. Time is virtual: a sleep moves it.

const LINKS = 1_000;
const ANSWER_MS = 50;

let backend: Backend;
let counter: OperationCounter;
let close: () => Promise<void>;

beforeEach(() => {
  counter = new OperationCounter();
  const opened = openTemporaryBackend(systemClock);
  backend = counter.around(opened.backend);
  close = opened.close;
});

afterEach(() => close());

function virtualClock(): Clock {
  let nowMs = Date.UTC(2026, 0, 1);
  return {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: (durationMs) => {
      nowMs += durationMs;
      return Promise.resolve();
    },
  };
}

/** Links in turn from each of `instances`, which share a clock; `idleMs` of nothing to do between two links. */
async function makeLinks(
  instances: number,
  idleMs: number,
): Promise<{ readonly reads: number; readonly writes: number }> {
  const clock = virtualClock();
  const bounds = { adaptive: false, startPerSecond: 1_000 / 220, floorPerSecond: 0.02, ceilingPerSecond: 30 };
  const pacers = Array.from(
    { length: instances },
    (_, index) =>
      new CallPacer(
        { botId: '7', kind: 'link', instanceId: `instance-${index}`, bounds },
        { store: backend.store, clock },
      ),
  );
  for (let link = 0; link < LINKS; link += 1) {
    const pacer = pacers[link % instances];
    if (pacer === undefined || !(await pacer.turn()).granted) throw new Error('Every turn is granted here');
    const startedAt = clock.monotonicMs();
    await clock.sleep(ANSWER_MS);
    pacer.accepted(startedAt);
    await clock.sleep(idleMs);
  }
  return counter.pace;
}

test.each([
  ['one instance at 220 ms', 1, 0, { reads: 50, writes: 50 }],
  ['one instance, a purchase every ten seconds', 1, 10_000, { reads: 1_000, writes: 1_000 }],
  ['two instances in turn, a call each', 2, 0, { reads: 1_999, writes: 1_000 }],
])('%s: the operations for 1,000 links', async (name, instances, idleMs, most) => {
  const { reads, writes } = await makeLinks(instances, idleMs);
  console.log(`store operations of the pace for ${LINKS} links, ${name}: ${reads} reads, ${writes} writes`);
  expect({ reads, writes }).toEqual(most);
});
