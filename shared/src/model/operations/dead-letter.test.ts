import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  claimed,
  DEAD_LETTER_HISTORY,
  discarded,
  occurredAgain,
  parked,
  reopened,
  retried,
  type DeadLetter,
  type Parked,
} from './dead-letter.ts';

const again = (messageId: string, code = 'broken'): Parked => ({
  source: 'link-worker-purchase-events',
  communityId: 'default',
  message: { data: '{}', attributes: {} },
  occurrence: { messageId, at: '2026-01-01T00:00:00.000Z', code, reason: 'why', attempts: 1 },
  expiresAt: '2027-01-01T00:00:00.000Z',
});

const AT = '2026-01-02T00:00:00.000Z';

/** What may happen to a letter, each only in the states in which it can. */
type Step = (letter: DeadLetter) => DeadLetter;
const steps: Readonly<Record<string, Step>> = {
  claim: (letter) => (letter.status === 'retried' ? letter : claimed(letter, 'ada', AT)),
  sent: (letter) => (letter.status === 'retrying' ? retried(letter) : letter),
  notSent: (letter) => (letter.status === 'retrying' ? reopened(letter) : letter),
  discard: (letter) => (letter.status === 'open' ? discarded(letter, 'ada', AT, 'of no use') : letter),
};

const step = fc.oneof(
  fc.constantFrom(...Object.values(steps)),
  fc.integer({ min: 0, max: 60 }).map(
    (message): Step =>
      (letter) =>
        occurredAgain(letter, again(`m${message}`)) ?? letter,
  ),
);
/** A letter, and all that it was. */
const life = fc.array(step, { maxLength: 120 }).map((taken) => {
  const letters: DeadLetter[] = [parked(again('first'))];
  for (const each of taken) letters.push(each(letters.at(-1) ?? parked(again('first'))));
  return letters;
});

function always(holds: (letter: DeadLetter, before: DeadLetter) => void): void {
  fc.assert(
    fc.property(life, (letters) => {
      letters.forEach((letter, index) => holds(letter, letters[index - 1] ?? letter));
    }),
  );
}

test('history and actions of a letter stay bounded under all transitions', () => {
  always(({ history, actions }) => {
    expect(history.length).toBeLessThanOrEqual(DEAD_LETTER_HISTORY);
    expect(actions.length).toBeLessThanOrEqual(DEAD_LETTER_HISTORY);
  });
});

test('the number of retries never falls, and the first failure stays known', () => {
  always((letter, before) => {
    expect(letter.retries).toBeGreaterThanOrEqual(before.retries);
    expect(letter.firstAt).toBe(before.firstAt);
  });
});

test('a letter is claimed while somebody sends it again, and only then', () => {
  always((letter) => expect(letter.claimedAt !== undefined).toBe(letter.status === 'retrying'));
});

test('in every state a letter is open again when the fact fails again, with the newest code', () => {
  fc.assert(
    fc.property(life, (letters) => {
      const letter = letters.at(-1) ?? parked(again('first'));
      const { code, history } = letter;
      const next = occurredAgain(letter, again('another', 'worse'));
      expect([code, next?.code, next?.status]).toEqual(['broken', 'worse', 'open']);
      expect(next?.history.at(-2)).toEqual(history.at(-1));
    }),
  );
});

test('a message that is delivered again changes nothing', () => {
  fc.assert(
    fc.property(life, (letters) => {
      const letter = letters.at(-1) ?? parked(again('first'));
      expect(occurredAgain(letter, again(letter.history.at(-1)?.messageId ?? ''))).toBeUndefined();
    }),
  );
});
