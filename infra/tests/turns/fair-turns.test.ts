import { afterEach, describe, expect, test } from '@jest/globals';
import { embeddedHarness } from '@paid-community/shared/platform/backends/embedded/testing/embedded-for-test.ts';
import type { ContractHarness } from '@paid-community/shared/platform/testing/contracts/harness.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { gcpHarness } from '../contracts-gcp/gcp-harness.ts';
import { queueOnly, QueuedTurns } from './queued-turns.ts';

const CALLS_PER_SECOND = 10;
const PAUSE_MS = 600_000;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function open(harness: ContractHarness, botOf: Readonly<Record<string, string>>): Promise<QueuedTurns> {
  const opened = await harness.open(queueOnly(new Set(Object.values(botOf)).size));
  closing.push(() => opened.close());
  return new QueuedTurns(opened.backend, botOf, CALLS_PER_SECOND);
}

async function sold(count: number, atOnce: number, sell: () => Promise<void>): Promise<void> {
  for (let left = count; left > 0; left -= atOnce)
    await Promise.all(Array.from({ length: Math.min(left, atOnce) }, sell));
}

/** Cloud Tasks itself takes far more; its emulator takes as many in the time of a test. */
describe.each([
  { name: embeddedHarness.name, harness: embeddedHarness, backlog: 100_000, atOnce: 10_000 },
  { name: 'Cloud Tasks (emulator)', harness: gcpHarness(() => ({})), backlog: 3_000, atOnce: 50 },
])('turns on $name', ({ harness, backlog, atOnce }) => {
  test(`a single purchase has its turn within two seconds, though another community has ${backlog} that wait for the same bot`, async () => {
    const turns = await open(harness, { busy: '7', single: '7' });
    await sold(backlog, atOnce, () => turns.sell('busy'));
    turns.deliver();
    await eventually(() => turns.made.length > 5);
    for (let sale = 1; sale <= 3; sale += 1) {
      await turns.sell('single');
      await eventually(() => turns.waitsOf('single').length === sale);
    }
    expect(Math.max(...turns.waitsOf('single'))).toBeLessThan(2_000);
    expect(turns.waitsOf('busy').length).toBeGreaterThan(5);
  });

  test('a bot in a pause of ten minutes delays no purchase of another bot', async () => {
    const turns = await open(harness, { paused: '7', other: '8' });
    turns.deliver();
    await turns.pause('7', PAUSE_MS);
    await sold(500, 50, () => turns.sell('paused'));
    for (let sale = 1; sale <= 20; sale += 1) {
      await turns.sell('other');
      await eventually(() => turns.waitsOf('other').length === sale);
    }
    expect(turns.waitsOf('paused')).toEqual([]);
    expect(turns.waitsOf('other').toSorted((a, b) => a - b)[10]).toBeLessThan(300);
  });
});
