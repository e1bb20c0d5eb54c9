import { randomUUID } from 'node:crypto';
import { telegramAnswers } from '@paid-community/shared/model/operations/telegram-answer.ts';
import { operatorQueue } from '@paid-community/shared/model/queues.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { OutgoingTask } from '@paid-community/shared/platform/ports/task-queue.ts';
import type { OperatorCall } from '../http/operation.ts';

/** Above Telegram's longest answer to a look, and a turn of waiting. */
const ANSWER_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 100;

/** What each question holds besides its own. */
interface Asked {
  readonly askId: string;
  readonly traceparent: string;
}

/**
 * Puts a question to Telegram through link-worker, which has the tokens, and waits for the answer. `taskOf` makes the
 * task of a question of model/operations/telegram-questions.ts.
 * @returns what the type of the question says.
 * @throws HttpError `conflict` with the words of link-worker when it refuses, `unavailable` when nobody answered in
 *   time: what was asked for may happen yet.
 */
export async function askTelegram(
  taskOf: (asked: Asked) => OutgoingTask,
  { store, clock, taskQueue, traceparent }: Pick<OperatorCall, 'store' | 'clock' | 'taskQueue' | 'traceparent'>,
): Promise<object> {
  const askId = randomUUID();
  await taskQueue.enqueue(operatorQueue, taskOf({ askId, traceparent }));
  const deadlineMs = clock.monotonicMs() + ANSWER_WITHIN_MS;
  for (;;) {
    const answer = (await store.get(telegramAnswers, askId))?.data;
    if (answer?.kind === 'answered') return answer.result;
    if (answer?.kind === 'refused') throw new HttpError('conflict', answer.message);
    if (clock.monotonicMs() >= deadlineMs)
      throw new HttpError(
        'unavailable',
        `Telegram's answer did not come within ${ANSWER_WITHIN_MS / 1_000} s; look again, it may come yet. The doctor says whether link-worker and Telegram answer`,
      );
    await clock.sleep(LOOK_EVERY_MS);
  }
}
