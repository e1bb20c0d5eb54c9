import { requestHealthCheck } from '@paid-community/shared/health/request-health-check.ts';
import { ChatOffered } from '@paid-community/shared/model/communities/community-events.ts';
import { connectionCodeId, connectionCodes } from '@paid-community/shared/model/communities/connection-code.ts';
import { traceparentFrom } from '@paid-community/shared/platform/trace/traceparent.ts';
import { validateMessage } from '../updates/telegram/update.ts';
import type { NoteStandingDeps } from './note-standing.ts';

/**
 * What a client sends to a group for the payload of a startgroup link. It has 64 characters of base64url at most
 * (https://core.telegram.org/api/links#group-channel-bot-links).
 */
const START_COMMAND = /^\/start(?:@\w+)? ([A-Za-z0-9_-]{22,64})$/;

/**
 * Reads a message for two things only, and keeps nothing of it: the code of a connection link, and the end of a group
 * that became a supergroup.
 * @param botId - Undefined for the default bot.
 * @throws RetryableError
 */
export async function readMessage(
  input: unknown,
  botId: string | undefined,
  traceparent: string,
  deps: NoteStandingDeps,
): Promise<void> {
  const message = validateMessage(input);
  if (!message.valid) return;
  const { chat, text = '', migrate_to_chat_id: movedTo } = message.value;
  // Nobody sells access to a chat with the bot.
  if (chat.id > 0) return;
  const { eventBus, clock } = deps;
  const chatId = String(chat.id);
  // link-worker follows: Telegram tells it the new id when it asks about the old one.
  if (movedTo !== undefined)
    await requestHealthCheck({ askedBy: 'join-tracker', chatId, traceparent }, { eventBus, clock });
  const code = START_COMMAND.exec(text)?.[1];
  if (code !== undefined) await offerChat({ code, chatId, botId, traceparent }, deps);
}

async function offerChat(
  tapped: {
    readonly code: string;
    readonly chatId: string;
    readonly botId: string | undefined;
    readonly traceparent: string;
  },
  { chats, store, eventBus, clock, log }: NoteStandingDeps,
): Promise<void> {
  const { chatId, traceparent } = tapped;
  const open = (await store.get(connectionCodes, connectionCodeId(tapped.code)))?.data;
  if (open === undefined || !(await chats.isBot(tapped.botId, open.botId))) {
    log.info({ chatId, outcome: 'unknown_code' }, 'a connection code that is not open for this bot was sent');
    return;
  }
  const { communityId, botId } = open;
  const time = new Date(clock.now()).toISOString();
  const event = ChatOffered.create({
    time,
    traceparent: traceparentFrom(traceparent),
    data: { communityId, chatId, botId },
  });
  await ChatOffered.publish(eventBus, event);
  log.info({ chatId, communityId, botId, outcome: 'offered' }, 'a connection link was tapped');
}
