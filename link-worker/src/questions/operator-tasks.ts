import {
  ExamineChat,
  ListBots,
  MakeNamedLink,
  RevokeNamedLink,
  SeeMember,
  SendTestMessage,
  type TelegramQuestion,
} from '@paid-community/shared/model/operations/telegram-questions.ts';
import { operatorQueue } from '@paid-community/shared/model/queues.ts';
import { onTask, type TypedTaskHandler } from '@paid-community/shared/platform/delivery/task-handlers.ts';
import type { TaskBinding } from '@paid-community/shared/platform/service/service.ts';
import { answerWithCall, type Question } from './answer-with-call.ts';
import { examineChat, type ExamineChatDeps } from './examine-chat.ts';
import { listBots } from './list-bots.ts';
import { makeNamedLink, type NamedLinkDeps } from './make-named-link.ts';
import { revokeNamedLink } from './revoke-named-link.ts';
import { seeAccount } from './see-account.ts';
import { sendTestMessage } from './send-test-message.ts';

/** What operators ask of Telegram, each with how it is answered. */
export function operatorTasks(
  deps: ExamineChatDeps & NamedLinkDeps & Parameters<typeof answerWithCall>[3],
): TaskBinding {
  const onQuestion = <Asked extends Question, Answer extends object>(
    question: TelegramQuestion<Asked, Answer>,
    work: (task: Asked) => Promise<NoInfer<Answer>>,
  ): TypedTaskHandler => onTask(question, (task) => answerWithCall(question, task, () => work(task), deps));
  return {
    queue: operatorQueue,
    handlers: [
      onQuestion(ExamineChat, (task) => examineChat(task, deps)),
      onQuestion(ListBots, () => listBots(deps.bots)),
      onQuestion(MakeNamedLink, (task) => makeNamedLink(task, deps)),
      onQuestion(RevokeNamedLink, (task) => revokeNamedLink(task, deps)),
      onQuestion(SeeMember, (task) => seeAccount(task, deps)),
      onQuestion(SendTestMessage, (task) => sendTestMessage(task, deps)),
    ],
  };
}
