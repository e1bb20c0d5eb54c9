import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { botOfRate, botRates, type CallKind } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { WAITING_PER_BOT } from '@paid-community/shared/queue-rates.ts';
import type { Turns } from '../calls/make-call.ts';
import { watchStore } from '../testing/watched-store.ts';
import { Throttle, type AskedTurn } from './throttle.ts';

const SPACING_MS = 200;
const PAUSE_MS = 14 * 24 * 3_600_000;

describe('the turns of the bots of a process', () => {
  let clock: ManualClock;
  let backend: Backend;
  let close: () => Promise<void>;
  let store: DocumentStore;
  let settled: () => Promise<void>;
  let throttle: Throttle;

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    ({ store, settled } = watchStore(backend.store));
    const bounds = {
      adaptive: false,
      startPerSecond: 1_000 / SPACING_MS,
      floorPerSecond: 0.02,
      ceilingPerSecond: 30,
    };
    throttle = new Throttle({ instanceId: 'instance', bounds, atOnce: 1 }, { store, clock });
  });

  afterEach(() => close());

  function turnsOf(botId: string, kind: CallKind = 'link', asked: Partial<AskedTurn> = {}): Turns {
    return throttle.turns(botId, kind, {
      communityId: `of-${botId}`,
      callClass: 'purchase',
      ...asked,
    });
  }

  /** A turn, and the call that it is for is over at once. */
  async function call(turns: Turns, onTurn: () => void = () => undefined): Promise<boolean> {
    const { granted } = await turns.turn();
    if (!granted) return false;
    onTurn();
    turns.over();
    return true;
  }

  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 10) {
      await settled();
      clock.advance(10);
    }
    await settled();
  }

  test('each kind of call of each bot has a pace and a pause of its own; links have the document of before', async () => {
    const all = ['7', '8'].flatMap((botId) => [turnsOf(botId), turnsOf(botId, 'member')]);
    await all[0]?.refused(clock.monotonicMs(), 30_000);
    expect(await Promise.all(all.map((turns) => call(turns)))).toEqual([false, true, true, true]);
    const ids = ['7', '7.member', '8', '8.member'];
    for (const id of ids) expect(await store.get(botRates, id)).toBeDefined();
    expect(ids.map(botOfRate)).toEqual(['7', '7', '8', '8']);
  });

  test('a call that would wait for too long behind the slice of another instance comes back when that ends', async () => {
    const perSecond = 1 / 30;
    const bounds = { adaptive: false, startPerSecond: perSecond, floorPerSecond: perSecond, ceilingPerSecond: 30 };
    const [one, other] = ['one', 'other'].map((instanceId) =>
      new Throttle({ instanceId, bounds, atOnce: 1 }, { store, clock }).turns('7', 'link', {
        communityId: 'only',
        callClass: 'purchase',
      }),
    );
    expect(await one?.turn()).toEqual({ granted: true });
    expect(await other?.turn()).toEqual({ granted: false, notBefore: new Date(clock.now() + 30_000) });
  });

  test('messages have a budget for each chat besides, and one chat delays no other', async () => {
    const inChat = (chatId: string): Turns => turnsOf('7', 'message', { callClass: 'message', chatId });
    expect(await call(inChat('-1001'))).toBe(true);
    const again = await inChat('-1001').turn();
    expect(again).toEqual({ granted: false, notBefore: new Date(clock.now() + 3_000), line: undefined });
    const other = call(inChat('-1002'));
    await pass(100);
    expect(await other).toBe(true);
    expect(await store.get(botRates, '7.message.-1001')).toBeDefined();
  });

  test('the calls of a single community wait in the handler, in the order in which they came: nobody else needs the place', async () => {
    const grantedAt: (readonly [string, number])[] = [];
    const start = clock.now();
    const calls = ['a', 'b', 'c', 'd', 'e'].map((name) =>
      call(turnsOf('7'), () => grantedAt.push([name, clock.now() - start])),
    );
    await pass(900);
    expect(await Promise.all(calls)).toEqual([true, true, true, true, true]);
    expect(grantedAt).toEqual([
      ['a', 0],
      ['b', 200],
      ['c', 400],
      ['d', 600],
      ['e', 800],
    ]);
  });

  test('so many calls as the setting allows are under way at once, and a call that is over makes room', async () => {
    const first = turnsOf('7');
    expect(await first.turn()).toEqual({ granted: true });
    const second = call(turnsOf('7'));
    await pass(1_000);
    let isGranted = false;
    void second.then((granted) => (isGranted = granted));
    await settled();
    expect(isGranted).toBe(false);
    first.over();
    expect(await second).toBe(true);
  });

  test('a call that waits for ten seconds in vain comes back later', async () => {
    await turnsOf('7').turn();
    const waiting = turnsOf('7').turn();
    await pass(10_000);
    expect(await waiting).toMatchObject({ granted: false });
  });

  test('of two communities, a few calls wait, and the one that had no turn is before those of the other', async () => {
    const order: string[] = [];
    const ask = (communityId: string): Promise<boolean> =>
      call(turnsOf('7', 'link', { communityId }), () => order.push(communityId));
    throttle.know('gold', ['7']);
    throttle.know('silver', ['7']);
    const first = ask('gold');
    await settled();
    const backlog = [ask('gold'), ask('gold'), ask('gold')];
    await settled();
    const single = ask('silver');
    await pass(600);
    expect(await first).toBe(true);
    expect(await single).toBe(true);
    expect((await Promise.all(backlog)).filter((granted) => granted)).toHaveLength(WAITING_PER_BOT - 1);
    expect(order.slice(0, 2)).toEqual(['gold', 'silver']);
  });

  test('without a pace, calls wait until a slot is free, of however many communities: none comes back in vain', async () => {
    const bounds = { adaptive: false, startPerSecond: Infinity, floorPerSecond: 0.02, ceilingPerSecond: 30 };
    const unpaced = new Throttle({ instanceId: 'instance', bounds, atOnce: 1 }, { store, clock });
    unpaced.know('gold', ['7', '8']);
    unpaced.know('silver', ['7', '8']);
    expect(unpaced.place('gold')).toBeUndefined();
    const ask = (communityId: string): Promise<boolean> =>
      call(unpaced.turns('7', 'link', { communityId, callClass: 'purchase' }));
    const calls = Array.from({ length: 2 * WAITING_PER_BOT }, () => [ask('gold'), ask('silver')]).flat();
    expect(unpaced.waitMs('7', 'link', 'gold')).toBeGreaterThan(unpaced.waitMs('8', 'link', 'gold'));
    expect(new Set(await Promise.all(calls))).toEqual(new Set([true]));
  });

  test('a bot in a pause takes no place: its calls learn at once when it is over, and another bot of the community is sooner', async () => {
    throttle.know('gold', ['7', '8']);
    throttle.know('silver', ['7']);
    await turnsOf('7').refused(clock.monotonicMs(), PAUSE_MS);
    const turn = await turnsOf('7', 'link', { communityId: 'silver' }).turn();
    expect(turn).toMatchObject({ granted: false, notBefore: new Date(clock.now() + PAUSE_MS) });
    expect(throttle.waitMs('7', 'link', 'gold')).toBe(PAUSE_MS);
    expect(throttle.waitMs('8', 'link', 'gold')).toBe(0);
  });

  test('in one queue, a bot in a pause of two weeks delays no other, and its own tasks come back when it is over', async () => {
    await turnsOf('7').refused(clock.monotonicMs(), PAUSE_MS);
    throttle.know('of-8', ['8']);
    const done: string[] = [];
    const enqueue = (name: string, botId: string, notBefore?: Date): Promise<unknown> =>
      backend.taskQueue.enqueue(inviteQueue, { name, payload: botId, notBefore });
    await Promise.all(['1', '2', '3'].flatMap((name) => [enqueue(`a${name}`, '7'), enqueue(`b${name}`, '8')]));
    backend.deliverTo({
      subscriptions: [],
      tasks: [
        {
          queue: inviteQueue,
          handle: async ({ name, payload }) => {
            const turns = turnsOf(payload);
            const turn = await turns.turn();
            if (turn.granted) done.push(payload);
            else await enqueue(`${name}-again`, payload, turn.notBefore);
            if (turn.granted) turns.over();
          },
        },
      ],
    });
    /** Moves the time until so many calls were made. */
    const untilDone = async (count: number): Promise<void> => {
      for (let idle = 0; done.length < count; idle += 1) {
        await new Promise(setImmediate);
        if (idle % 20 === 0) clock.advance(50);
      }
    };
    const orderedAt = clock.now();
    await untilDone(3);
    expect(done).toEqual(['8', '8', '8']);
    expect(clock.now() - orderedAt).toBeLessThan(PAUSE_MS / 100);
    clock.advance(PAUSE_MS);
    await untilDone(6);
    expect(done.slice(3)).toEqual(['7', '7', '7']);
  });
});
