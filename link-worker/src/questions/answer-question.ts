import { telegramAnswers } from '@paid-community/shared/model/operations/telegram-answer.ts';
import { errorCode, errorMessage, PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { createIfAbsent } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';

const KEPT_MS = 3_600_000;

/** What is wrong with a question that cannot be answered as it was meant: the operator reads it. */
export class QuestionRefused extends PermanentError {}

/**
 * Answers a question of an operator, once: a question that comes again finds its answer.
 * @throws RetryableError when the store does not answer; what else `work` throws, so that the queue tries it again.
 */
export async function answerQuestion(
  { askId }: { readonly askId: string },
  work: () => Promise<object>,
  { store, clock }: { readonly store: DocumentStore; readonly clock: Clock },
): Promise<void> {
  if ((await store.get(telegramAnswers, askId)) !== undefined) return;
  const said = await work().then(
    (result) => ({ kind: 'answered' as const, result }),
    (error: unknown) => {
      // No redelivery would mend it, and the operator waits for a word.
      if (!(error instanceof PermanentError)) throw error;
      return { kind: 'refused' as const, code: errorCode(error), message: errorMessage(error) };
    },
  );
  const now = clock.now();
  await createIfAbsent(store, telegramAnswers, askId, {
    askId,
    ...said,
    answeredAt: new Date(now).toISOString(),
    expiresAt: new Date(now + KEPT_MS).toISOString(),
  });
}
