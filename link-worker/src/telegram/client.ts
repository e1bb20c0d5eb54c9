import { TelegramApiError, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { compileValidator } from '@paid-community/shared/validation/validator.ts';
import { Type } from 'typebox';
import type { CommunityChat } from './community-chat.ts';

export interface InviteLinkClient {
  /**
   * Makes a link for one person and returns it. Telegram knows no idempotency key: every call makes another link.
   * @throws TelegramApiError, TelegramCallError; RetryableError as CommunityChat.call
   */
  createInviteLink(link: { readonly name: string; readonly expiresAt: Date | undefined }): Promise<string>;

  /**
   * From now on nobody joins through the link. One that is revoked or gone already is as good.
   * @throws as createInviteLink
   */
  revokeInviteLink(inviteLink: string): Promise<void>;

  /** The chat of the last link: that of the settings, or what it became. */
  readonly chatId: string;
}

// tdlib/td: the link was revoked before, or has expired.
const REVOKED_ALREADY = /INVITE_REVOKED_MISSING|INVITE_HASH_EXPIRED/;

const validateLink = compileValidator(Type.Object({ invite_link: Type.String({ minLength: 1, maxLength: 512 }) }));

/** `onFailure` hears of each call that made no link. */
export function createInviteLinkClient(chat: CommunityChat, onFailure: (error: unknown) => void = () => undefined): InviteLinkClient {
  return {
    get chatId() {
      return chat.lastId;
    },
    createInviteLink: async (link) => {
      try {
        return await makeLink(chat, link);
      } catch (error) {
        onFailure(error);
        throw error;
      }
    },
    revokeInviteLink: async (inviteLink) => {
      try {
        await chat.call('revokeChatInviteLink', { invite_link: inviteLink });
      } catch (error) {
        if (!(error instanceof TelegramApiError) || !REVOKED_ALREADY.test(error.description)) throw error;
      }
    },
  };
}

async function makeLink(chat: CommunityChat, { name, expiresAt }: { readonly name: string; readonly expiresAt: Date | undefined }): Promise<string> {
  const result = validateLink(
    await chat.call('createChatInviteLink', {
      name,
      member_limit: 1,
      ...(expiresAt === undefined ? {} : { expire_date: Math.floor(expiresAt.getTime() / 1_000) }),
    }),
  );
  if (!result.valid) throw new TelegramCallError('Telegram answered createChatInviteLink without a link');
  return result.value.invite_link;
}
