import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { released, removalGuards } from '@paid-community/shared/model/memberships/removal-guard.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { examineMemberships } from './examine-memberships.ts';
import { DAY_MS, openTicks, type OpenedTicks } from '../testing/open-ticks.ts';

const MINUTE_MS = 60_000;

let opened: OpenedTicks;

beforeEach(async () => {
  opened = await openTicks();
});

afterEach(() => opened.close());

async function ending(name: string, count: number, period: string): Promise<void> {
  await opened.buy(...Array.from({ length: count }, (_, each) => ({ userId: `${name}-${each}`, period })));
}

async function release(): Promise<void> {
  await changeDocument(opened.store, removalGuards, 'gold', (known) =>
    known === undefined ? undefined : released(known, 'operator', opened.clock.now()),
  );
}

test('as many as the least go, in a community however small', async () => {
  await ending('ends', 10, 'P1D');
  opened.clock.advance(DAY_MS);
  await opened.live(MINUTE_MS);
  expect(opened.askedOut()).toHaveLength(10);
});

test('of more than the share nobody goes, and all of them are held until an operator has looked', async () => {
  await ending('stays', 200, 'lifetime');
  await ending('ends', 12, 'P1D');
  opened.clock.advance(DAY_MS);
  await opened.tick();
  expect(opened.askedOut()).toEqual([]);
  expect(await opened.guard()).toMatchObject({ heldDue: 12, heldInside: 212 });

  await ending('ends-later', 5, 'PT1H');
  await opened.live(3 * 60 * MINUTE_MS);
  expect(opened.askedOut()).toEqual([]);
  expect(await opened.guard()).toMatchObject({ heldDue: 17 });

  await release();
  await opened.tick();
  expect(opened.askedOut()).toHaveLength(17);
  expect(await opened.guard()).toMatchObject({ letGo: [], releasedBy: 'operator' });
});

test('those who end one after the other count for an hour, and no longer', async () => {
  await ending('first', 8, 'P1D');
  await ending('second', 8, 'P1DT30M');
  await ending('third', 8, 'P1DT2H');
  opened.clock.advance(DAY_MS);
  await opened.tick();
  await opened.live(31 * MINUTE_MS);
  expect(opened.askedOut()).toHaveLength(8);
  expect(await opened.guard()).toMatchObject({ heldDue: 8 });
  await release();
  await opened.live(2 * 60 * MINUTE_MS);
  expect(opened.askedOut()).toHaveLength(24);
});

test('those who come to be due after a release count again', async () => {
  await ending('held', 12, 'P1D');
  await ending('after', 12, 'P1DT30M');
  opened.clock.advance(DAY_MS);
  await opened.tick();
  await release();
  await opened.live(31 * MINUTE_MS);
  expect(opened.askedOut()).toHaveLength(12);
  expect(await opened.guard()).toMatchObject({ heldDue: 12 });
});

test('somebody who pays while being held does not go, and nobody goes in the place', async () => {
  await ending('held', 12, 'P1D');
  opened.clock.advance(DAY_MS);
  await opened.tick();
  await release();
  await opened.buyAgain('held-0', 'held-1');
  await opened.tick();
  expect(opened.askedOut()).toHaveLength(10);
  await ending('after', 11, 'PT1M');
  await opened.live(2 * MINUTE_MS);
  expect(opened.askedOut()).toHaveLength(10);
});

test('a removal of which nothing was heard is asked for again, and does not count again', async () => {
  await ending('ends', 8, 'P1D');
  opened.clock.advance(DAY_MS);
  await opened.tick();
  opened.taskQueue.tasks.length = 0;
  await opened.live(76 * MINUTE_MS);
  expect(opened.askedOut()).toHaveLength(8);
  expect((await opened.guard())?.letGo).toHaveLength(1);
});

test('doctor says who waits for an operator, and what is not done in time', async () => {
  const work = opened.work();
  const statesOf = async (): Promise<unknown> =>
    (await examineMemberships(work)).map(({ check, state }) => [check, state]);
  expect(await statesOf()).toEqual([
    ['membership_ticks', 'ok'],
    ['held_removals', 'ok'],
  ]);
  await ending('ends', 12, 'P1D');
  opened.clock.advance(DAY_MS + 16 * MINUTE_MS);
  expect((await examineMemberships(work))[0]).toMatchObject({
    state: 'failing',
    meaning: expect.stringContaining('2026-01-02T00:00:00.000Z'),
  });
  await opened.tick();
  expect(await statesOf()).toEqual([
    ['membership_ticks', 'ok'],
    ['held_removals', 'failing'],
  ]);
  expect((await examineMemberships(work))[1]?.meaning).toMatch(/12 in the community gold since 2026-01-02/);
});
