import { AnswerJoinRequest, RemoveMember } from '@paid-community/shared/model/memberships/membership-tasks.ts';
import { oneAtATime } from '@paid-community/shared/platform/delivery/one-at-a-time.ts';
import { onTask } from '@paid-community/shared/platform/delivery/task-handlers.ts';
import type { OutgoingTask, TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import type { TaskBinding } from '@paid-community/shared/platform/service/service.ts';
import { answerJoinRequest } from './answer-join-request.ts';
import type { MemberDeps } from './member-calls.ts';
import { removeMember } from './remove-member.ts';
import { TelegramTime } from './telegram-time.ts';

/** Who is let in and who is removed, one task after another for each account. */
export function memberTasks(deps: MemberDeps & { readonly taskQueue: TaskQueue }): readonly TaskBinding[] {
  const inOrderOfAccount = oneAtATime();
  const removalDeps = { ...deps, telegramTime: new TelegramTime(deps.clock) };
  const inOrder = (
    { queue }: typeof AnswerJoinRequest | typeof RemoveMember,
    { communityId, telegramUserId }: { readonly communityId: string; readonly telegramUserId: string },
    work: () => Promise<OutgoingTask | undefined>,
  ): Promise<void> =>
    inOrderOfAccount(`${communityId} ${telegramUserId}`, async () => {
      const next = await work();
      if (next !== undefined) await deps.taskQueue.enqueue(queue, next);
    });
  return [
    {
      queue: AnswerJoinRequest.queue,
      handlers: [
        onTask(AnswerJoinRequest, (task) => inOrder(AnswerJoinRequest, task, () => answerJoinRequest(task, deps))),
      ],
    },
    {
      queue: RemoveMember.queue,
      handlers: [onTask(RemoveMember, (task) => inOrder(RemoveMember, task, () => removeMember(task, removalDeps)))],
    },
  ];
}
