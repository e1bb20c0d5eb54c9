import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { appliedSettings } from '@paid-community/shared/model/memberships/applied-settings.ts';
import { DAY_MS, openTicks, type OpenedTicks } from '../testing/open-ticks.ts';

const MINUTE_MS = 60_000;

let opened: OpenedTicks;

beforeEach(async () => {
  opened = await openTicks({ removal: 'dry_run' });
});

afterEach(() => opened.close());

async function stateOf(userId: string): Promise<string | undefined> {
  const known = await opened.member(userId);
  return known !== undefined && 'removalState' in known ? known.removalState : undefined;
}

test('whoever would have been removed is, once the community says so', async () => {
  await opened.buy({ userId: 'anna', period: 'P1D' });
  opened.clock.advance(DAY_MS);
  await opened.live(MINUTE_MS);
  expect([await stateOf('anna'), opened.askedOut()]).toEqual(['dry_run', []]);
  await opened.set({ removal: 'on' });
  await opened.live(2 * MINUTE_MS);
  expect(opened.askedOut()).toEqual(['tg-anna']);
});

test('those who are over since long are many at once, so that an operator has to look first', async () => {
  await opened.set({ removal: 'off' });
  const many = Array.from({ length: 130 }, (_, each) => ({ userId: `user-${each}`, period: 'P1D' }));
  await opened.buy(...many, { userId: 'was-inside', period: 'P1D', presence: 'unasked' });
  opened.clock.advance(DAY_MS);
  await opened.live(MINUTE_MS);
  expect(await stateOf('user-1')).toBeUndefined();
  await opened.set({ removal: 'on' });
  await opened.live(2 * MINUTE_MS);
  expect(opened.askedOut()).toEqual([]);
  expect(await opened.guard()).toMatchObject({ heldDue: 130 });
});

test('nobody is removed any more once removals are off', async () => {
  await opened.set({ removal: 'on' });
  const many = Array.from({ length: 30 }, (_, each) => ({ userId: `user-${each}`, period: 'P1D' }));
  await opened.buy(...many);
  opened.clock.advance(DAY_MS);
  await opened.live(MINUTE_MS);
  expect(await stateOf('user-1')).toBe('due');
  await opened.set({ removal: 'off' });
  await opened.live(2 * MINUTE_MS);
  expect(await stateOf('user-1')).toBeUndefined();
});

test('a walk that the end of the time stops goes on where it was, and nobody is removed until it is over', async () => {
  const many = Array.from({ length: 120 }, (_, each) => ({ userId: `user-${each}`, period: 'P1D' }));
  await opened.buy(...many, ...Array.from({ length: 4_000 }, (_, each) => ({ userId: `stays-${each}` })));
  opened.clock.advance(DAY_MS);
  await opened.live(MINUTE_MS);
  await opened.set({ removal: 'on' });
  opened.clock.advance(MINUTE_MS);
  // Each read takes so long that a tick has the time for few.
  const slow = opened.instance({
    store: {
      ...opened.ports(),
      query: (query) => {
        opened.clock.advance(1_000);
        return opened.store.query(query);
      },
    },
  });
  let ticks = 0;
  for (; (await opened.store.get(appliedSettings, 'gold'))?.data.walkedTo !== undefined || ticks === 0; ticks += 1) {
    expect(opened.askedOut()).toEqual([]);
    await slow();
  }
  expect(ticks).toBeGreaterThan(1);
  await opened.live(2 * MINUTE_MS);
  expect(opened.askedOut()).toHaveLength(120);
});

test('another grace counts for those who are in it', async () => {
  await opened.buy({ userId: 'anna', period: 'P1D' });
  await opened.set({ grace: 'P30D' });
  opened.clock.advance(DAY_MS);
  await opened.live(2 * MINUTE_MS);
  expect(opened.told('anna')).toEqual(['MembershipGraceStarted']);
  await opened.set({ grace: 'PT1H' });
  await opened.live(2 * 60 * MINUTE_MS);
  expect(opened.told('anna')).toEqual(['MembershipGraceStarted', 'MembershipExpired']);
});
