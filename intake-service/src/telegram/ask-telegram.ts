import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import {
  ANSWER_WITHIN_MS,
  putQuestion,
  type Question,
  type QuestionDeps,
} from '@paid-community/shared/questions/put-question.ts';

/**
 * Puts a question of an operator to Telegram, and waits for the answer.
 * @throws HttpError `conflict` with the words of link-worker when it refuses, `unavailable` when nobody answered in
 *   time: what was asked for may happen yet.
 */
export async function askTelegram<Own extends object, Answer extends object>(
  question: Question<NoInfer<Own>, Answer>,
  own: Own,
  deps: QuestionDeps,
): Promise<Answer> {
  const said = await putQuestion(question, own, deps);
  switch (said.kind) {
    case 'answered':
      return said.answer;
    case 'refused':
      throw new HttpError('conflict', said.message);
    case 'nothing':
      throw new HttpError(
        'unavailable',
        `Telegram's answer did not come within ${ANSWER_WITHIN_MS / 1_000} s; look again, it may come yet. The doctor says whether link-worker and Telegram answer`,
      );
  }
}
