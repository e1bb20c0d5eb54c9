import { expect, test } from '@jest/globals';
import { ManualClock } from '../testing/manual-clock.ts';
import { keepAnswer } from './keep-answer.ts';

function asked(forMs = 1_000): {
  readonly clock: ManualClock;
  readonly ask: () => Promise<number>;
  readonly settle: (how: 'resolve' | 'reject') => Promise<void>;
  readonly looks: () => number;
} {
  const clock = new ManualClock();
  let looks = 0;
  let pending: PromiseWithResolvers<number> = Promise.withResolvers();
  const ask = keepAnswer(
    forMs,
    () => {
      looks += 1;
      pending = Promise.withResolvers();
      return pending.promise;
    },
    clock,
  );
  const settle = async (how: 'resolve' | 'reject'): Promise<void> => {
    if (how === 'resolve') pending.resolve(looks);
    else pending.reject(new Error(`look ${looks}`));
    await pending.promise.catch(() => undefined);
  };
  return { clock, ask, settle, looks: () => looks };
}

test('all who ask while an answer is looked for get that one, however long it takes', async () => {
  const { clock, ask, settle, looks } = asked();
  const answers = [ask()];
  clock.advance(60_000);
  answers.push(ask());
  await settle('resolve');
  expect([await Promise.all(answers), looks()]).toEqual([[1, 1], 1]);
});

test('an answer counts for its time from when it was found, then it is looked for again', async () => {
  const { clock, ask, settle } = asked();
  void ask();
  clock.advance(60_000);
  await settle('resolve');
  clock.advance(999);
  expect(await ask()).toBe(1);
  clock.advance(1);
  const second = ask();
  await settle('resolve');
  expect(await second).toBe(2);
});

test('a failure is told to all who ask in its time, and no longer', async () => {
  const { clock, ask, settle } = asked();
  const failing = [ask(), ask()];
  await settle('reject');
  failing.push(ask());
  for (const each of failing) await expect(each).rejects.toThrow('look 1');
  clock.advance(1_000);
  const second = ask();
  await settle('resolve');
  expect(await second).toBe(2);
});
