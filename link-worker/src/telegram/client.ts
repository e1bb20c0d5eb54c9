import { TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { compileValidator } from '@paid-community/shared/validation/validator.ts';
import { Type } from 'typebox';
import type { CommunityChat } from './community-chat.ts';

export interface InviteLinkClient {
  /**
   * Makes a link for one person and returns it. Telegram knows no idempotency key: every call makes another link.
   * @throws TelegramApiError, TelegramCallError; RetryableError as CommunityChat.call
   */
  createInviteLink(link: { readonly name: string; readonly expiresAt: Date | undefined }): Promise<string>;
  /** The chat of the last link: that of the settings, or what it became. */
  readonly chatId: string;
}

const validateLink = compileValidator(Type.Object({ invite_link: Type.String({ minLength: 1, maxLength: 512 }) }));

export function createInviteLinkClient(chat: CommunityChat): InviteLinkClient {
  return {
    get chatId() {
      return chat.lastId;
    },
    createInviteLink: async ({ name, expiresAt }) => {
      const result = validateLink(
        await chat.call('createChatInviteLink', {
          name,
          member_limit: 1,
          ...(expiresAt === undefined ? {} : { expire_date: Math.floor(expiresAt.getTime() / 1_000) }),
        }),
      );
      if (!result.valid) throw new TelegramCallError('Telegram answered createChatInviteLink without a link');
      return result.value.invite_link;
    },
  };
}
