import { explainError } from '@paid-community/shared/outside-errors/explain-error.ts';
import { TelegramApiError, TelegramCallError } from '@paid-community/shared/telegram/errors.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';
import type { CommunityChat } from '../bots/community-chat.ts';
import type { LinkMethod } from '../calls/classify-failure.ts';

export interface NewLink {
  readonly inviteLink: string;
  /** The chat that it leads to: that of the settings, or what it became. */
  readonly chatId: string;
}

export interface InviteLinkClient {
  /**
   * Makes a link for one person and returns it. Telegram knows no idempotency key: every call makes another link.
   * @throws TelegramApiError, TelegramCallError; RetryableError as CommunityChat.call
   */
  createInviteLink(link: { readonly name: string; readonly expiresAt: Date | undefined }): Promise<NewLink>;

  /**
   * From now on nobody joins through the link. One that is revoked or gone already is as good.
   * @throws as createInviteLink
   */
  revokeInviteLink(inviteLink: string): Promise<void>;
}

/**
 * Telegram makes https://t.me/+<hash>; t.me/joinchat/<hash> is the older form, and telegram.me and telegram.dog lead to
 * the same (https://core.telegram.org/api/links#chat-invite-links). Whatever else is answered is no link, and nobody is
 * sent to it.
 */
const LINK = '^https://(t\\.me|telegram\\.me|telegram\\.dog)/(\\+|joinchat/)[A-Za-z0-9_-]{1,64}$';

const validateLink = compileValidator(Type.Object({ invite_link: Type.String({ pattern: LINK }) }));

/** `onFailure` hears of each call that made no link. */
export function createInviteLinkClient(
  chat: CommunityChat,
  onFailure: (error: unknown, method: LinkMethod) => void = () => undefined,
): InviteLinkClient {
  return {
    createInviteLink: async (link) => {
      try {
        return await makeLink(chat, link);
      } catch (error) {
        onFailure(error, 'createChatInviteLink');
        throw error;
      }
    },
    revokeInviteLink: async (inviteLink) => {
      try {
        await chat.call('revokeChatInviteLink', { invite_link: inviteLink });
      } catch (error) {
        if (!(error instanceof TelegramApiError) || explainError(error, 'revokeChatInviteLink')?.kind !== 'done')
          throw error;
      }
    },
  };
}

async function makeLink(
  chat: CommunityChat,
  { name, expiresAt }: { readonly name: string; readonly expiresAt: Date | undefined },
): Promise<NewLink> {
  const result = validateLink(
    await chat.call('createChatInviteLink', {
      name,
      member_limit: 1,
      ...(expiresAt === undefined ? {} : { expire_date: Math.floor(expiresAt.getTime() / 1_000) }),
    }),
  );
  if (!result.valid)
    throw new TelegramCallError('Telegram answered createChatInviteLink without a link of its own', {
      unreadable: true,
    });
  return { inviteLink: result.value.invite_link, chatId: chat.lastId };
}
