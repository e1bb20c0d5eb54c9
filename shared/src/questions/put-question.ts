import { randomUUID } from 'node:crypto';
import { telegramAnswers } from '../model/operations/telegram-answer.ts';
import { operatorQueue } from '../model/queues.ts';
import type { Clock } from '../platform/ports/clock.ts';
import type { DocumentStore } from '../platform/ports/document-store.ts';
import type { OutgoingTask, TaskQueue } from '../platform/ports/task-queue.ts';

/** Above Telegram's longest answer to a look, and a turn of waiting. */
export const ANSWER_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 100;

/** A question of model/operations/telegram-questions.ts: `Own` is what it holds besides what each of them does. */
export interface Question<Own, Answer> {
  readonly toQueueTask: (data: Own & { readonly askId: string; readonly traceparent: string }) => OutgoingTask;
  readonly readAnswer: (result: object) => Answer;
}

export interface QuestionDeps {
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly taskQueue: TaskQueue;
  readonly traceparent: string;
}

export type Said<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  /** In the words of link-worker. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Not in time: what was asked for may happen yet. */
  | { readonly kind: 'nothing' };

/**
 * Puts a question to Telegram through link-worker, which has the tokens, and waits for the answer.
 * @throws RetryableError when store or queue do not answer
 */
export async function putQuestion<Own extends object, Answer extends object>(
  { toQueueTask, readAnswer }: Question<NoInfer<Own>, Answer>,
  own: Own,
  { store, clock, taskQueue, traceparent }: QuestionDeps,
): Promise<Said<Answer>> {
  const askId = randomUUID();
  await taskQueue.enqueue(operatorQueue, toQueueTask({ ...own, askId, traceparent }));
  const deadlineMs = clock.monotonicMs() + ANSWER_WITHIN_MS;
  for (;;) {
    const answer = (await store.get(telegramAnswers, askId))?.data;
    if (answer?.kind === 'answered') return { kind: 'answered', answer: readAnswer(answer.result) };
    if (answer?.kind === 'refused') return { kind: 'refused', message: answer.message };
    if (clock.monotonicMs() >= deadlineMs) return { kind: 'nothing' };
    await clock.sleep(LOOK_EVERY_MS);
  }
}
