import { randomUUID } from 'node:crypto';
import { telegramAnswers } from '@paid-community/shared/model/operations/telegram-answer.ts';
import { operatorQueue } from '@paid-community/shared/model/queues.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { OutgoingTask, TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';

/** Above Telegram's longest answer to a look, and a turn of waiting. */
const ANSWER_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 100;

/** A question of model/operations/telegram-questions.ts: `Own` is what it holds besides what each of them does. */
interface Question<Own, Answer> {
  readonly toQueueTask: (data: Own & { readonly askId: string; readonly traceparent: string }) => OutgoingTask;
  readonly readAnswer: (result: object) => Answer;
}

interface AskDeps {
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly taskQueue: TaskQueue;
  readonly traceparent: string;
}

/**
 * Puts a question to Telegram through link-worker, which has the tokens, and waits for the answer.
 * @throws HttpError `conflict` with the words of link-worker when it refuses, `unavailable` when nobody answered in
 *   time: what was asked for may happen yet.
 */
export async function askTelegram<Own extends object, Answer extends object>(
  { toQueueTask, readAnswer }: Question<NoInfer<Own>, Answer>,
  own: Own,
  { store, clock, taskQueue, traceparent }: AskDeps,
): Promise<Answer> {
  const askId = randomUUID();
  await taskQueue.enqueue(operatorQueue, toQueueTask({ ...own, askId, traceparent }));
  const deadlineMs = clock.monotonicMs() + ANSWER_WITHIN_MS;
  for (;;) {
    const answer = (await store.get(telegramAnswers, askId))?.data;
    if (answer?.kind === 'answered') return readAnswer(answer.result);
    if (answer?.kind === 'refused') throw new HttpError('conflict', answer.message);
    if (clock.monotonicMs() >= deadlineMs)
      throw new HttpError(
        'unavailable',
        `Telegram's answer did not come within ${ANSWER_WITHIN_MS / 1_000} s; look again, it may come yet. The doctor says whether link-worker and Telegram answer`,
      );
    await clock.sleep(LOOK_EVERY_MS);
  }
}
