import { afterEach, expect, test } from '@jest/globals';
import { plans } from '@paid-community/shared/model/plans/plan.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { DAY_MS, openTicks, type OpenedTicks } from '../testing/open-ticks.ts';

// What goes wrong where people are removed by a clock. link-worker holds besides that its clock is that of Telegram.

const MINUTE_MS = 60_000;

let opened: OpenedTicks;

afterEach(() => opened.close());

async function buy(name: string, count: number, period: string): Promise<void> {
  await opened.buy(...Array.from({ length: count }, (_, each) => ({ userId: `${name}-${each}`, period })));
}

test('a clock that is a year ahead: all time is over at once, and everybody is held', async () => {
  opened = await openTicks();
  await buy('anna', 40, 'P30D');
  await buy('ben', 40, 'P3M');
  opened.clock.setBy(365 * DAY_MS);
  await opened.tick();
  expect(opened.askedOut()).toEqual([]);
  expect(await opened.guard()).toMatchObject({ heldDue: 80 });
});

test.each(['in the same process', 'after a restart'])(
  'when such a clock is set right %s, all that it has ended goes on, and nobody is held',
  async (when) => {
    opened = await openTicks();
    await buy('anna', 40, 'P30D');
    const tick = opened.instance();
    opened.clock.setBy(365 * DAY_MS);
    await tick();
    await tick();
    expect(await opened.member('anna-0')).toMatchObject({ state: 'expired', removalState: 'due' });
    opened.clock.setBy(-365 * DAY_MS);
    const tickAgain = when === 'after a restart' ? opened.instance() : tick;
    await tickAgain();
    opened.clock.advance(MINUTE_MS);
    await tickAgain();
    expect(await opened.member('anna-0')).toMatchObject({
      state: 'active',
      endsAt: expect.stringMatching(/^2026-01-31/),
    });
    expect((await opened.guard())?.heldSince).toBeUndefined();
    expect(opened.askedOut()).toEqual([]);
  },
);

test('a tick that another clock has sent does nothing', async () => {
  opened = await openTicks();
  await buy('anna', 3, 'P30D');
  opened.clock.setBy(365 * DAY_MS);
  await opened.instance()(new Date(opened.clock.now() - 365 * DAY_MS));
  expect([opened.told('anna-0'), opened.askedOut()]).toEqual([[], []]);
});

test('an import with a wrong date column: all of them are over at once, and everybody is held', async () => {
  opened = await openTicks();
  await buy('stays', 100, 'lifetime');
  await opened.tick();
  // As an import stores them: let in by us, and over since long.
  opened.clock.setBy(-300 * DAY_MS);
  await buy('imported', 50, 'P1D');
  opened.clock.setBy(300 * DAY_MS);
  await opened.live(3 * MINUTE_MS);
  expect(opened.askedOut()).toEqual([]);
  expect(await opened.guard()).toMatchObject({ heldDue: 50, heldInside: 150 });
});

test('a backup of two months ago: who has renewed since is over by it, and everybody is held', async () => {
  opened = await openTicks();
  await buy('anna', 60, 'P30D');
  // The restored store knows none of the renewals.
  opened.clock.advance(61 * DAY_MS);
  await opened.live(3 * MINUTE_MS);
  expect(opened.askedOut()).toEqual([]);
  expect(await opened.guard()).toMatchObject({ heldDue: 60 });
});

test('a plan that was archived by mistake: what was bought stays', async () => {
  opened = await openTicks();
  const at = new Date(opened.clock.now()).toISOString();
  await opened.store.commit([
    createDocument(plans, 'monthly', {
      planId: 'monthly',
      name: 'Monthly',
      communityIds: ['gold'],
      period: 'P30D',
      state: 'archived',
      createdAt: at,
      updatedAt: at,
    }),
  ]);
  await buy('anna', 5, 'P30D');
  opened.clock.advance(29 * DAY_MS);
  await opened.live(3 * MINUTE_MS);
  expect([(await opened.member('anna-0'))?.state, opened.askedOut()]).toEqual(['active', []]);
});

test('a community that turns removals on: who is inside and was never imported stays, however many', async () => {
  opened = await openTicks({ removal: 'off' });
  const before = Array.from({ length: 5 }, (_, each) => ({
    userId: `old-${each}`,
    presence: 'unasked' as const,
    period: 'P1D',
  }));
  await opened.buy(...before);
  opened.clock.advance(2 * DAY_MS);
  await opened.tick();
  await opened.set({ removal: 'on' });
  await opened.live(3 * MINUTE_MS);
  expect(opened.askedOut()).toEqual([]);
});
