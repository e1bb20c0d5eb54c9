import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SHARES, type CallClass } from './call-classes.ts';
import { FairOrder, RecentTurns, REMEMBERED_MS, type WaitingCall } from './fair-order.ts';

const TURN_MS = 200;

const call = (communityId: string, callClass: CallClass = 'purchase', since = 0): WaitingCall => ({
  communityId,
  callClass,
  since,
});

/** Who had the turns when each of these always has a call that waits. */
function serve(order: FairOrder, wanting: readonly WaitingCall[], turns: number, startMs = 0): readonly WaitingCall[] {
  return Array.from({ length: turns }, (_, turn) => {
    const nowMs = startMs + turn * TURN_MS;
    const next = order.next(wanting, nowMs);
    if (next === undefined) throw new Error('Nobody wants a turn');
    order.served(next, nowMs);
    return next;
  });
}

const countOf = (served: readonly WaitingCall[], matches: (call: WaitingCall) => boolean): number =>
  served.filter(matches).length;

describe('the fair order of turns', () => {
  test('the shares are those of a hundred turns', () => {
    expect(Object.values(SHARES).reduce((sum, share) => sum + share, 0)).toBe(100);
  });

  test('property: communities that always wait have the same number of turns, but for two', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 400 }), (communities, turns) => {
        const wanting = Array.from({ length: communities }, (_, index) => call(`c${index}`, 'purchase', index));
        const served = serve(new FairOrder(new RecentTurns()), wanting, turns);
        const counts = wanting.map((each) => countOf(served, (one) => one === each));
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
      }),
    );
  });

  test('property: classes that always wait have their shares, and none starves', () => {
    const classes = Object.keys(SHARES) as CallClass[];
    fc.assert(
      fc.property(fc.subarray(classes, { minLength: 1 }), (wanted) => {
        const turns = 1_000;
        const served = serve(
          new FairOrder(new RecentTurns()),
          wanted.map((callClass) => call(callClass, callClass)),
          turns,
        );
        const all = wanted.reduce((sum, callClass) => sum + SHARES[callClass], 0);
        for (const callClass of wanted) {
          const had = countOf(served, (one) => one.callClass === callClass);
          expect(Math.abs(had - (turns * SHARES[callClass]) / all)).toBeLessThanOrEqual(wanted.length);
        }
      }),
    );
  });

  test('a fill waits for the purchases that wait, also at first; when they never end it has one of sixteen turns, though it is sent back between them', () => {
    const order = new FairOrder(new RecentTurns());
    const purchases = [call('a', 'purchase', 1), call('b', 'purchase', 2)];
    const fill = call('a', 'fill');
    serve(order, purchases, 500);
    // It finds a place in every fifth turn only.
    const served = Array.from({ length: 320 }, (_, turn) =>
      serve(order, turn % 5 === 0 ? [...purchases, fill] : purchases, 1),
    ).flat();
    const fills = served.flatMap(({ callClass }, turn) => (callClass === 'fill' ? [turn] : []));
    expect(fills[0]).toBeGreaterThanOrEqual(SHARES.purchase / SHARES.fill);
    expect(fills.length).toBeGreaterThanOrEqual(320 / 21);
    const gaps = fills.slice(1).map((turn, index) => turn - (fills[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(SHARES.purchase / SHARES.fill);
  });

  test('property: a single purchase of a community that was idle is next, however many another one has had and wants', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 5 }), (before, waiting) => {
        const order = new FairOrder(new RecentTurns());
        serve(order, [call('busy')], before);
        const single = call('single', 'purchase', 9);
        const backlog = Array.from({ length: waiting }, (_, index) => call('busy', 'purchase', index));
        expect(order.next([...backlog, single], before * TURN_MS)).toBe(single);
      }),
    );
  });

  test('who was idle for long claims no more than what is remembered', () => {
    const order = new FairOrder(new RecentTurns());
    serve(order, [call('busy')], 5_000);
    const served = serve(order, [call('busy'), call('idle')], 1_000, 5_000 * TURN_MS);
    const alone = served.findIndex(({ communityId }) => communityId === 'busy');
    expect(alone).toBeLessThanOrEqual(REMEMBERED_MS / TURN_MS);
    expect(countOf(served.slice(-400), ({ communityId }) => communityId === 'busy')).toBeGreaterThan(190);
  });

  test('turns from another bot count: who is served well there leaves this one to the others', () => {
    const recent = new RecentTurns();
    const one = new FairOrder(recent);
    const other = new FairOrder(recent);
    const had = { both: 0, first: 0 };
    for (let turn = 0; turn < 300; turn += 1) {
      const nowMs = turn * TURN_MS;
      const next = one.next([call('both'), call('first')], nowMs);
      if (next !== undefined) {
        one.served(next, nowMs);
        had[next.communityId as keyof typeof had] += 1;
      }
      other.served(call('both'), nowMs);
      had.both += 1;
    }
    expect(Math.abs(had.both - had.first)).toBeLessThanOrEqual(4);
  });

  test('of one community and class the oldest comes first; the order of all is as if each were served', () => {
    const order = new FairOrder(new RecentTurns());
    const a1 = call('a', 'purchase', 1);
    const a2 = call('a', 'purchase', 2);
    const b = call('b', 'purchase', 3);
    expect(order.inOrder([a2, b, a1], 0)).toEqual([a1, b, a2]);
    const fill = call('a', 'fill', 0);
    serve(order, [fill], 1);
    expect(order.inOrder([fill, a2, b, a1], 30_000_000)).toEqual([a1, b, a2, fill]);
  });
});
