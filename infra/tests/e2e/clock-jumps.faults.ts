import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy, purchaseBodies, statusOf } from './harness/buyer.ts';
import { doctor, lineOf, type Line } from './harness/diagnosis.ts';
import { FakeTime, withFakeTime } from './harness/fake-time.ts';
import { linkInMessage } from './harness/promise.ts';
import { seededRandom } from './harness/random.ts';
import type { SystemProcess } from './harness/system-process.ts';
import type { Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

const MINUTE_S = 60;
const YEAR_S = 365 * 24 * 3_600;
/** With a pace, so that the calls go by slices of time; as fast as it may start. */
const PACED = { SAFE_RPS_SLEEP_MS: '20', LINK_RATE: 'fixed' };
/** Far less than any jump. A slice that was taken before a restart is waited for: at most 15 s. */
const USUAL_MS = 5_000;
const AFTER_RESTART_MS = 20_000;

/** The true clock, and what somebody has set it to. */
class SettableClock implements Clock {
  #aheadMs = 0;

  now(): number {
    return systemClock.now() + this.#aheadMs;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(durationMs, signal);
  }

  setBy(jumpMs: number): void {
    this.#aheadMs += jumpMs;
  }
}

/** Everybody gets a link, and is recorded, in the usual time, and nobody two. */
async function expectLinks(world: World, purchases: readonly Purchase[], withinMs: number): Promise<void> {
  await Promise.all(purchases.map((purchase) => linkInMessage(world, purchase, withinMs)));
  for (const { requestId } of purchases)
    await eventually(async () =>
      expect(await statusOf(world.url, requestId)).toMatchObject({ status: 'DONE', weLinkEventFired: true }),
    );
  expect(world.telegram.links.size).toBe(purchases.length);
}

describe('a clock that is set while purchases come in', () => {
  test.each([1, 2, 3])('again and again, to anything (seed %d): each has its link in the usual time', async (seed) => {
    const world = await openWorld({ settings: PACED });
    const clock = new SettableClock();
    const backend = await world.startInProcess((inner) => inner, clock);
    const random = seededRandom(seed);
    // Some of the calls fail, so that what waits for another attempt is there, too.
    world.telegram.faults.next(
      'createChatInviteLink',
      ...Array.from({ length: 10 }, () => ({ kind: 'answer' as const, status: 502, body: 'bad gateway' })),
    );
    const purchases: Purchase[] = [];
    for (const body of purchaseBodies(`seed-${seed}`, 60)) {
      purchases.push(await buy(world.url, body));
      if (random() < 0.3) clock.setBy(Math.round((random() - 0.5) * 10 ** (4 + Math.floor(random() * 8))));
      await sleep(Math.floor(random() * 30));
    }
    await expectLinks(world, purchases, USUAL_MS);
    await eventually(() => backend.administration.clock?.report().lastJump !== undefined);
  });
});

withFakeTime(() => {
  describe('a real process on a machine whose clock is set', () => {
    let folder: string;
    let fakeTime: FakeTime;

    async function worldOnThatMachine(): Promise<World> {
      folder = mkdtempSync(join(tmpdir(), 'fake-time-'));
      fakeTime = new FakeTime(folder);
      return openWorld({ settings: { ...PACED, ...fakeTime.environment } });
    }

    afterEach(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    /** In minutes. */
    function jumpsToldBy(system: SystemProcess): number[] {
      const lines = system.stdout.split('\n').filter((line) => line.includes('"message":"the clock was set '));
      return lines.map((line) => Math.round((JSON.parse(line) as { readonly byMs: number }).byMs / (MINUTE_S * 1_000)));
    }

    async function clockLine(world: World): Promise<Line | undefined> {
      return lineOf(await doctor(world), 'clock');
    }

    test('back by five minutes, a year ahead, and right again: the links go on, and doctor tells of it', async () => {
      const world = await worldOnThatMachine();
      const system = await world.start();
      const purchases: Purchase[] = [];
      const buySome = async (prefix: string): Promise<void> => {
        for (const body of purchaseBodies(prefix, 5)) purchases.push(await buy(world.url, body));
      };
      await buySome('right');
      let before = 0;
      const jumps: number[] = [];
      for (const [name, seconds] of [
        ['back', -5 * MINUTE_S],
        ['ahead', YEAR_S],
        ['again', 0],
      ] as const) {
        fakeTime.setAhead(seconds);
        await buySome(name);
        await expectLinks(world, purchases, USUAL_MS);
        jumps.push(Math.round((seconds - before) / MINUTE_S));
        before = seconds;
        // It is looked at once a second.
        await eventually(() => expect(jumpsToldBy(system)).toEqual(jumps));
      }
      expect(await clockLine(world)).toMatchObject({
        state: 'warning',
        meaning: expect.stringContaining('was set back by 365 days'),
      });
    });

    test('back by five minutes, and killed: after the restart the links go on', async () => {
      const world = await worldOnThatMachine();
      await world.start();
      const purchases: Purchase[] = [];
      for (const body of purchaseBodies('before', 5)) purchases.push(await buy(world.url, body));
      await expectLinks(world, purchases, USUAL_MS);
      await world.process.kill();
      fakeTime.setAhead(-5 * MINUTE_S);
      const system = await world.start();
      for (const body of purchaseBodies('after', 5)) purchases.push(await buy(world.url, body));
      await expectLinks(world, purchases, AFTER_RESTART_MS);
      expect(system.logged('the clock was set back')).toMatchObject([{ seen: 'at the start' }]);
      expect(await clockLine(world)).toMatchObject({
        state: 'warning',
        meaning: expect.stringContaining('was set back by 5 minutes'),
      });
    });

    test('a year ahead at a start, with purchases under way when it is killed, and right at the next: they go on', async () => {
      const world = await worldOnThatMachine();
      fakeTime.setAhead(YEAR_S);
      await world.start();
      const purchases: Purchase[] = [];
      for (const body of purchaseBodies('ahead', 3)) purchases.push(await buy(world.url, body));
      await expectLinks(world, purchases, USUAL_MS);
      world.telegram.faults.behaviour = () => ({ kind: 'answer', status: 502, body: 'bad gateway' });
      for (const body of purchaseBodies('failing', 3)) purchases.push(await buy(world.url, body));
      await eventually(() => world.telegram.calls.of('createChatInviteLink') >= 6);
      await world.process.kill();
      world.telegram.faults.clear();
      fakeTime.setAhead(0);
      await world.start();
      for (const body of purchaseBodies('right', 3)) purchases.push(await buy(world.url, body));
      await expectLinks(world, purchases, AFTER_RESTART_MS);
    });
  });
});
