import { expect, test } from '@jest/globals';
import { CallPacer } from '@paid-community/link-worker/bots/call-pacer.ts';
import { Throttle } from '@paid-community/link-worker/bots/throttle.ts';
import type { Turns } from '@paid-community/link-worker/calls/make-call.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { seededRandom } from '../../../tests/e2e/harness/random.ts';
import { HiddenLimiter } from '../hidden-limiter.ts';
import { SCENARIOS, type Trial } from '../scenarios.ts';
import { BOUNDS, UNTOLD_MS } from '../senders.ts';
import { memoryStore } from './memory-store.ts';
import { VirtualClock } from './virtual-clock.ts';

const HORIZON_MS = 300_000;
const LATENCY_MS = 30;
const PURCHASES_AT_ONCE = 5;

interface MadeCall {
  readonly at: number;
  readonly isAccepted: boolean;
}

type Deps = { readonly store: DocumentStore; readonly clock: Clock };
type TurnsOf = (deps: Deps) => () => Turns;

const throughThrottle: TurnsOf = (deps) => {
  const throttle = new Throttle({ instanceId: 'only', bounds: BOUNDS, atOnce: 1 }, deps);
  return () => throttle.turns('7', 'link', { communityId: 'default', callClass: 'purchase' });
};

/** One call under way at once, as the throttle allows it. */
const pacerAlone: TurnsOf = (deps) => {
  const pacer = new CallPacer({ botId: '7', kind: 'link', instanceId: 'only', bounds: BOUNDS }, deps);
  return () => ({
    turn: () => pacer.turn(),
    accepted: (calledAtMs) => {
      pacer.accepted(calledAtMs);
    },
    refused: (calledAtMs, pauseMs) => pacer.refused(calledAtMs, pauseMs),
    over: () => undefined,
  });
};

/** So many buyers, each with one purchase after the other, and a queue that dispatches so many at once. */
async function callsOf(trial: Trial, turnsOf: TurnsOf, atOnce: number): Promise<readonly MadeCall[]> {
  const clock = new VirtualClock();
  const limiter = new HiddenLimiter(trial.limit(), trial.policy());
  const calls: MadeCall[] = [];
  const nextTurns = turnsOf({ store: memoryStore(), clock });
  const due: (() => Promise<void>)[] = [];
  let underWay = 0;
  const dispatch = (): void => {
    while (underWay < atOnce) {
      const task = due.shift();
      if (task === undefined) return;
      underWay += 1;
      void task().finally(() => {
        underWay -= 1;
        dispatch();
      });
    }
  };
  const comesAt = (at: number): void => {
    clock.at(at, () => {
      due.push(purchase);
      dispatch();
    });
  };
  async function purchase(): Promise<void> {
    const turns = nextTurns();
    const turn = await turns.turn();
    if (!turn.granted) {
      comesAt(turn.notBefore.getTime());
      return;
    }
    const at = clock.now();
    const answer = limiter.call(at);
    calls.push({ at: Math.round(at), isAccepted: answer.accepted });
    await clock.sleep(LATENCY_MS);
    if (answer.accepted) {
      turns.accepted(at);
      comesAt(clock.now());
    } else comesAt((await turns.refused(at, answer.toldMs ?? UNTOLD_MS)).getTime());
    turns.over();
  }
  for (let buyer = 0; buyer < PURCHASES_AT_ONCE; buyer += 1) comesAt(0);
  await clock.runUntil(HORIZON_MS);
  return calls;
}

test.each(SCENARIOS)(
  'one bot and one community, $name: each call is made when the pacer alone would make it',
  async ({ trial }) => {
    for (const seed of [1, 2]) {
      const [alone, throttled] = await Promise.all([
        callsOf(trial(seededRandom(seed), 1_000), pacerAlone, 1),
        callsOf(trial(seededRandom(seed), 1_000), throughThrottle, PURCHASES_AT_ONCE),
      ]);
      expect(alone.some(({ isAccepted }) => !isAccepted)).toBe(true);
      expect(throttled).toEqual(alone);
    }
  },
);
