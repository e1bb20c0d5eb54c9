import { errorMessage, PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import { TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';
import type { ServingBot } from '../bots/serving-bot.ts';

export interface NewLink {
  readonly inviteLink: string;
  /** The chat that it leads to: that of the settings, or what it became. */
  readonly chatId: string;
}

interface LinkOptions {
  readonly name: string;
  readonly expiresAt: Date | undefined;
  /** How many may be in the chat through it at the same time; undefined: any number. */
  readonly memberLimit: number | undefined;
  /** Whoever comes by it is let in by approval only. Telegram takes no limit with it. */
  readonly asksForApproval?: boolean | undefined;
}

/** As it is recorded. */
export interface MadeInviteLink {
  readonly inviteLink: string;
  /** Where it was made; absent: an older version did not record it. */
  readonly telegramChatId?: string | undefined;
}

export interface InviteLinkClient {
  /**
   * Makes a link and returns it. Telegram knows no idempotency key: every call makes another link.
   * @throws TelegramApiError, TelegramCallError; RetryableError as ServingBot.call
   */
  createInviteLink(link: LinkOptions): Promise<NewLink>;

  /**
   * From now on nobody joins through the link.
   * @throws as createInviteLink; PermanentError when Telegram knows no such link, and its chat is not recorded
   */
  revokeInviteLink(link: MadeInviteLink): Promise<void>;
}

/**
 * Telegram makes https://t.me/+<hash>; t.me/joinchat/<hash> is the older form, and telegram.me and telegram.dog lead to
 * the same (https://core.telegram.org/api/links#chat-invite-links). Another answer is no link, and nobody is sent to
 * it.
 */
const LINK = '^https://(t\\.me|telegram\\.me|telegram\\.dog)/(\\+|joinchat/)[A-Za-z0-9_-]{1,64}$';

const validateLink = compileValidator(Type.Object({ invite_link: Type.String({ pattern: LINK }) }));

export function createInviteLinkClient(bot: ServingBot): InviteLinkClient {
  return {
    createInviteLink: (link) => makeLink(bot, link),
    revokeInviteLink: (link) => revokeLink(bot, link),
  };
}

async function revokeLink(bot: ServingBot, { inviteLink, telegramChatId }: MadeInviteLink): Promise<void> {
  try {
    await bot.call('revokeChatInviteLink', { invite_link: inviteLink });
  } catch (error) {
    // Of its own chat it says that the link is gone. Every other chat says the same of a link that can be used.
    const isUnsure = telegramChatId === undefined && errorMessage(error).includes('INVITE_HASH_EXPIRED');
    if (!isUnsure) throw error;
    throw new PermanentError(
      'link_of_unknown_chat',
      'The present chat of the community has no such link, and it is not recorded where the link was made: see in Telegram, among the invite links of the bot, whether it is still usable',
      { cause: error },
    );
  }
}

async function makeLink(
  bot: ServingBot,
  { name, expiresAt, memberLimit, asksForApproval }: LinkOptions,
): Promise<NewLink> {
  const { result, chatId } = await bot.call('createChatInviteLink', {
    name,
    member_limit: memberLimit,
    creates_join_request: asksForApproval,
    expire_date: expiresAt === undefined ? undefined : Math.floor(expiresAt.getTime() / 1_000),
  });
  const link = validateLink(result);
  if (!link.valid)
    throw new TelegramCallError('Telegram answered createChatInviteLink without a link of its own', {
      unreadable: true,
    });
  return { inviteLink: link.value.invite_link, chatId };
}
