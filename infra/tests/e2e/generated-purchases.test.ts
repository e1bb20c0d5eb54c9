import { describe, expect, test } from '@jest/globals';
import { eventNames } from '@paid-community/shared/model/emissions/emission.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { purchaseEvents } from '@paid-community/shared/model/topics.ts';
import { requestInvite } from '@paid-community/intake-service/purchases/request-invite.ts';
import { validateEvent } from '../../run/simulators/webengage/validate-event.ts';
import { seededRandom } from './harness/random.ts';

const PURCHASES = 1_500;
/**
 * Letters of one, two, three and four bytes, of one and two UTF-16 units, marks, what ends a line or a text, and halves
 * of pairs.
 */
const LETTERS = [
  'a',
  'Z',
  '0',
  '-',
  ' ',
  '\t',
  '\n',
  '\u0000',
  '\u001b',
  '\u007f',
  'é',
  'ß',
  '\u0301',
  '\u200d',
  '\ufeff',
  '\u2028',
  '漢',
  '😀',
  '👩‍👩‍👧‍👦',
  '\ud83d',
  '\ude00',
  '"',
  '\\',
  '<',
  '%2B',
];

/** Mostly around the limit, where a wrong way of counting shows. */
function textAround(most: number, random: () => number): string {
  const letters = LETTERS.filter(() => random() < 0.3);
  const from = letters.length === 0 ? ['x'] : letters;
  const wanted = Math.floor(most * (0.3 + random()));
  let text = '';
  while (text.length < wanted) text += from[Math.floor(random() * from.length)] ?? '';
  return text;
}

describe('purchases made at random', () => {
  test.each([1, 2, 3])(
    'WebEngage takes every purchase that intake accepts, to the last character; intake refuses the rest (seed %d)',
    async (seed) => {
      const random = seededRandom(seed);
      const eventBus = new RecordingEventBus();
      const clock = new ManualClock();
      const none = (): Promise<undefined> => Promise.resolve(undefined);
      const communities = { get: none, readAgain: none, lastKnown: () => undefined, wereRead: true };
      const plans = { get: none };
      let refused = 0;
      for (let number = 0; number < PURCHASES; number += 1) {
        const purchase = { userId: textAround(100, random), transactionId: textAround(999, random) };
        const before = eventBus.published.length;
        try {
          await requestInvite.answerTo(
            { headers: {}, params: {}, query: {}, body: purchase, caller: 'anybody', traceparent: 't' },
            { eventBus, clock, log: silentLog, communities, plans },
          );
        } catch (error) {
          if (!(error instanceof HttpError)) throw error;
          expect(error.code).toBe('invalid_request');
          refused += 1;
          continue;
        }
        const { message } = eventBus.published[before] ?? { message: { data: '{}' } };
        const { userId, transactionId } = (
          JSON.parse(Buffer.from(message.data).toString()) as {
            readonly data: { readonly userId: string; readonly transactionId: string };
          }
        ).data;
        expect({ userId, transactionId }).toEqual(purchase);
        expect((userId + transactionId).isWellFormed()).toBe(true);
        const event = {
          userId,
          eventName: eventNames.linkCreated,
          eventTime: '2026-11-20T20:15:00+0000',
          eventData: { transactionId, inviteLink: 'https://t.me/+x' },
        };
        // As it arrives, in UTF-8.
        expect(validateEvent(JSON.parse(Buffer.from(JSON.stringify(event)).toString()))).toEqual(event);
      }
      expect(refused).toBeGreaterThan(PURCHASES / 10);
      expect(eventBus.eventsOn(purchaseEvents).length).toBeGreaterThan(PURCHASES / 10);
    },
  );
});
