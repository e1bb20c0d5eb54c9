import { setTimeout as sleep } from 'node:timers/promises';
import { embeddedHarness } from '@paid-community/shared/platform/backends/embedded/testing/embedded-for-test.ts';
import type { ContractHarness } from '@paid-community/shared/platform/testing/contracts/harness.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { gcpHarness } from '../../tests/contracts-gcp/gcp-harness.ts';
import { queueOnly, QueuedTurns } from '../../tests/turns/queued-turns.ts';
import type { Row, Section } from '../report.ts';
import { percentile, whole } from '../statistics.ts';
import type { Context } from './context.ts';

const CALLS_PER_SECOND = 20;
const SALES_PER_SECOND = 5;
const PAUSE_MS = 600_000;
/** Of another bot, the same p99 within a fifth; below so many milliseconds a difference is the machine's. */
const MOST_SLOWER = 1.2;
const NOISE_MS = 5;
const MOST_WAIT_MS = 2_000;

interface Side {
  readonly name: string;
  readonly harness: ContractHarness;
  readonly backlog: number;
  /** So many are queued at once. */
  readonly atOnce: number;
}

/** Whether a bot in a pause, or a community with a long backlog, delays the purchases of others. */
export async function measureTurns(context: Context): Promise<Section> {
  const { quick } = context;
  const sides: readonly Side[] = [
    { name: 'embedded', harness: embeddedHarness, backlog: quick ? 5_000 : 100_000, atOnce: 5_000 },
    { name: 'Cloud Tasks (emulator)', harness: gcpHarness(() => ({})), backlog: quick ? 500 : 5_000, atOnce: 50 },
  ];
  const rows: Row[] = [];
  for (const side of sides) {
    rows.push(await measurePause(side, quick ? 10 : 300), await measureBacklog(side, quick ? 3 : 20));
    context.progress(`turns: ${side.name} measured`);
  }
  return {
    title: 'Turns: a bot in a pause, and a community with a backlog',
    rows,
    notes: [
      `The real queue and the real throttle; calls take no time, and a bot may make ${CALLS_PER_SECOND} a second. Purchases come ${SALES_PER_SECOND} a second. Waits are from the purchase to its turn.`,
    ],
    voidBecause: [],
  };
}

async function measurePause({ name, harness, atOnce }: Side, sales: number): Promise<Row> {
  const p99Of = async (isPaused: boolean): Promise<number> =>
    withTurns(harness, { paused: '7', other: '8' }, async (turns) => {
      turns.deliver();
      if (isPaused) await turns.pause('7', PAUSE_MS);
      for (let sale = 0; isPaused && sale < 1_000; sale += atOnce)
        await sell(turns, 'paused', Math.min(atOnce, 1_000 - sale));
      for (let sale = 0; sale < sales; sale += 1) {
        await Promise.all([turns.sell('other'), turns.sell('paused')]);
        await sleep(1_000 / SALES_PER_SECOND);
      }
      await eventually(() => turns.waitsOf('other').length === sales);
      return percentile(turns.waitsOf('other'), 0.99);
    });
  const without = await p99Of(false);
  const paused = await p99Of(true);
  return {
    measure: `${name}: p99 of a bot while another one has a pause of 10 minutes`,
    goal: `≤ ${MOST_SLOWER} × without`,
    figure: `${paused.toFixed(1)} ms`,
    reference: `${without.toFixed(1)} ms without`,
    met: paused <= Math.max(MOST_SLOWER * without, without + NOISE_MS),
    values: { p99Ms: paused, referenceP99Ms: without },
  };
}

async function measureBacklog({ name, harness, backlog, atOnce }: Side, sales: number): Promise<Row> {
  const mostMs = await withTurns(harness, { busy: '7', single: '7' }, async (turns) => {
    for (let left = backlog; left > 0; left -= atOnce) await sell(turns, 'busy', Math.min(left, atOnce));
    turns.deliver();
    await eventually(() => turns.made.length > 5);
    for (let sale = 1; sale <= sales; sale += 1) {
      await turns.sell('single');
      await eventually(() => turns.waitsOf('single').length === sale);
    }
    return Math.max(...turns.waitsOf('single'));
  });
  return {
    measure: `${name}: longest wait of a single purchase beside ${whole(backlog)} of another community`,
    goal: `< ${MOST_WAIT_MS} ms`,
    figure: `${mostMs.toFixed(0)} ms`,
    reference: `${whole((backlog * 1_000) / CALLS_PER_SECOND)} ms behind all of them`,
    met: mostMs < MOST_WAIT_MS,
    values: { longestMs: mostMs, backlog },
  };
}

async function withTurns<Result>(
  harness: ContractHarness,
  botOf: Readonly<Record<string, string>>,
  work: (turns: QueuedTurns) => Promise<Result>,
): Promise<Result> {
  const opened = await harness.open(queueOnly(new Set(Object.values(botOf)).size));
  try {
    return await work(new QueuedTurns(opened.backend, botOf, CALLS_PER_SECOND));
  } finally {
    await opened.close();
  }
}

function sell(turns: QueuedTurns, community: string, count: number): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, () => turns.sell(community)));
}
