import { setTimeout as sleep } from 'node:timers/promises';
import { MembershipTick } from '@paid-community/shared/model/memberships/membership-tick.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { runUntilSignal } from '@paid-community/shared/platform/lifecycle/run-until-signal.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { readLocalSettings } from '../../../run/local/settings.ts';
import { startLocal } from '../../../run/local/start-local.ts';
import { aroundDeliveries } from '../../e2e/harness/around-deliveries.ts';
import { crashAt } from '../../e2e/harness/crash-point.ts';
import { DrivenClock } from '../../e2e/harness/driven-clock.ts';
import type { Drive, Driven, DrivenStart } from './driven-protocol.ts';

// The whole system in a process of its own, with a clock that a test drives: infra/run/local/main.ts, and that.

/** What waits and does not move for so long waits for a later time. */
const STILL_MS = 12;
const LOOK_MS = 2;

const start = JSON.parse(process.argv[2] ?? '{}') as DrivenStart;
const clock = new DrivenClock(start.aheadMs);
clock.setWrongBy(start.wrongByMs);
let atWork = 0;
let finished = 0;
let used: Backend | undefined;

const config = readLocalSettings(process.env);
const log = createLogger({
  level: config.values.LOG_LEVEL,
  secrets: config.secrets,
});
const system = await startLocal(config, log, {
  clock,
  decorateBackend: (backend) => {
    const counting = aroundDeliveries(backend, (_source, handle) => counted(handle));
    used = start.crashAt === undefined ? counting : crashAt(counting, start.crashAt);
    return used;
  },
});
process.on('message', (drive) => void obey(drive as Drive));
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
await runUntilSignal(() => system.stop(), log);

async function obey({ number, aheadMs, wrongByMs, ticks }: Drive): Promise<void> {
  clock.setWrongBy(wrongByMs);
  clock.advanceTo(aheadMs);
  if (ticks) await used?.eventBus.publish(MembershipTick.topic, MembershipTick.message);
  const driven: Driven = { number, waiting: await settled() };
  process.send?.(driven);
}

/** Resolves when nothing is at work, and nothing has been for a moment; returns how much waits for its time. */
async function settled(): Promise<number> {
  let seen = '';
  for (let sinceMs = performance.now(); ;) {
    const waiting = await waitingNow();
    if (waiting === 0 && atWork === 0) return 0;
    const state = `${waiting} ${finished} ${atWork}`;
    if (state !== seen || atWork > 0) sinceMs = performance.now();
    else if (performance.now() - sinceMs > STILL_MS) return waiting;
    seen = state;
    await sleep(LOOK_MS);
  }
}

async function waitingNow(): Promise<number> {
  if (used === undefined) return 0;
  const { bus, queue } = used.administration;
  const counts = await Promise.all([
    ...topology.subscriptions.map(async (each) => (await bus.backlog(each))?.undelivered ?? 0),
    ...topology.queues.map(async (each) => (await queue.describe(each)).waiting ?? 0),
  ]);
  return counts.reduce((sum, count) => sum + count, 0);
}

async function counted(handle: () => Promise<void>): Promise<void> {
  atWork += 1;
  try {
    await twiceAtTimes(handle);
  } finally {
    atWork -= 1;
    finished += 1;
  }
}

/** Two copies run at the same time, or one comes late, after others that were behind it. */
async function twiceAtTimes(handle: () => Promise<void>): Promise<void> {
  if (Math.random() >= start.repeats) return handle();
  await sleep(Math.random() * 10);
  const copies = await Promise.allSettled([handle(), sleep(Math.random() * 10).then(handle)]);
  const failed = copies.find((copy) => copy.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
