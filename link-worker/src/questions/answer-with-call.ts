import { operatorQueue } from '@paid-community/shared/model/queues.ts';
import type { TaskDefinition } from '@paid-community/shared/platform/delivery/define-task.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import { answerQuestion } from './answer-question.ts';
import { QuestionDeferred } from './call-for-operator.ts';

export interface Question {
  readonly askId: string;
  readonly deferrals?: number | undefined;
}

/** Answers a question. One that needs a turn holds no slot of the queue until then: it is queued again for it. */
export async function answerWithCall<Asked extends Question>(
  { toQueueTask }: Pick<TaskDefinition<Asked>, 'toQueueTask'>,
  task: Asked,
  work: () => Promise<object>,
  deps: { readonly store: DocumentStore; readonly taskQueue: TaskQueue; readonly clock: Clock },
): Promise<void> {
  try {
    await answerQuestion(task, work, deps);
  } catch (error) {
    if (!(error instanceof QuestionDeferred)) throw error;
    const again = { ...task, deferrals: (task.deferrals ?? 0) + 1 };
    await deps.taskQueue.enqueue(operatorQueue, toQueueTask(again, error.notBefore));
  }
}
