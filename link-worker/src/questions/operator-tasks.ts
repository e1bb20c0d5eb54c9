import {
  ExamineChat,
  ListBots,
  MakeNamedLink,
  RevokeNamedLink,
  SendTestMessage,
} from '@paid-community/shared/model/operations/telegram-questions.ts';
import { operatorQueue } from '@paid-community/shared/model/queues.ts';
import { onTask } from '@paid-community/shared/platform/delivery/task-handlers.ts';
import type { TaskBinding } from '@paid-community/shared/platform/service/service.ts';
import { answerQuestion } from './answer-question.ts';
import { answerWithCall } from './answer-with-call.ts';
import { examineChat, type ExamineChatDeps } from './examine-chat.ts';
import { listBots } from './list-bots.ts';
import { makeNamedLink, type NamedLinkDeps } from './make-named-link.ts';
import { revokeNamedLink } from './revoke-named-link.ts';
import { sendTestMessage } from './send-test-message.ts';

/** What operators ask of Telegram, each with how it is answered. */
export function operatorTasks(
  deps: ExamineChatDeps & NamedLinkDeps & Parameters<typeof answerWithCall>[3],
): TaskBinding {
  return {
    queue: operatorQueue,
    handlers: [
      onTask(ExamineChat, (task) => answerQuestion(task, () => examineChat(task, deps), deps)),
      onTask(ListBots, (task) => answerQuestion(task, () => listBots(deps.bots), deps)),
      onTask(MakeNamedLink, (task) => answerWithCall(MakeNamedLink, task, () => makeNamedLink(task, deps), deps)),
      onTask(RevokeNamedLink, (task) => answerWithCall(RevokeNamedLink, task, () => revokeNamedLink(task, deps), deps)),
      onTask(SendTestMessage, (task) => answerWithCall(SendTestMessage, task, () => sendTestMessage(task, deps), deps)),
    ],
  };
}
