import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { openOperator, type Operator } from '../testing/open-operator.ts';
import { EVE, EVES_REQUEST, fill } from './testing/two-people.ts';
import { erase, tracesLeft } from './testing/erasure.ts';

let operator: Operator;
beforeEach(() => {
  operator = openOperator();
});
afterEach(() => operator.close());

test('an erasure that is killed at any of its writes is complete when it is done again, by nothing but the userId', async () => {
  for (let survives = 0; ; survives += 1) {
    await fill(operator);
    const { store, revive } = killedAfter(survives);
    const killed = await erase(operator, { userId: EVE.userId }).then(
      () => false,
      (error: unknown) => error instanceof Killed,
    );
    revive();
    if (!killed) break;
    // A reader of retained messages that was killed counts as broken off after a minute.
    operator.clock.advance(61_000);
    await erase(operator, { userId: EVE.userId });
    expect([survives, await tracesLeft(operator)]).toEqual([survives, []]);
    expect((await store.get(inviteRequests, EVES_REQUEST))?.data.status).toBe('ERASED');
    await operator.close();
    operator = openOperator();
  }
});

class Killed extends Error {}

/** From then on no write arrives, until the next process comes. */
function killedAfter(writes: number): {
  readonly store: Operator['backend']['store'];
  readonly revive: () => void;
} {
  const { store, administration } = operator.backend;
  let left = writes;
  const orKilled =
    <Args extends unknown[], T>(act: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> =>
      left-- > 0 ? act(...args) : Promise.reject(new Killed());
  const places = [
    [store, { commit: store.commit.bind(store) }],
    [administration.bus, { removeRetained: administration.bus.removeRetained.bind(administration.bus) }],
    [administration.store, { recordErasures: administration.store.recordErasures.bind(administration.store) }],
  ] as const;
  Object.assign(store, { commit: orKilled(places[0][1].commit) });
  Object.assign(administration.bus, { removeRetained: orKilled(places[1][1].removeRetained) });
  Object.assign(administration.store, { recordErasures: orKilled(places[2][1].recordErasures) });
  return { store, revive: () => places.forEach(([port, own]) => Object.assign(port, own)) };
}
