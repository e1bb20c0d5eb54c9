import type * as Telegram from '@grammyjs/types';

/**
 * The part of the Bot API's objects that this system can meet, by the types that grammY keeps of it: not by those of
 * the code under test, so that a wrong type there shows.
 */

export type User = Readonly<Pick<Telegram.User, 'id' | 'is_bot' | 'first_name' | 'username'>>;

export interface Chat {
  readonly id: number;
  readonly title: string;
  readonly type: 'supergroup' | 'channel' | 'group' | 'private';
  readonly username?: string | undefined;
}

export type ChatInviteLink = Readonly<
  Pick<
    Telegram.ChatInviteLink,
    | 'invite_link'
    | 'name'
    | 'creates_join_request'
    | 'is_primary'
    | 'is_revoked'
    | 'member_limit'
    | 'expire_date'
    | 'pending_join_request_count'
  > & { creator: User }
>;

export type ChatMember =
  | Member<Telegram.ChatMemberLeft | Telegram.ChatMemberMember, 'status'>
  | Member<Telegram.ChatMemberOwner, 'status' | 'is_anonymous'>
  | Member<
      Telegram.ChatMemberAdministrator,
      'status' | 'can_be_edited' | 'can_invite_users' | 'can_restrict_members' | 'can_post_messages'
    >
  | Member<Telegram.ChatMemberRestricted, 'status' | 'is_member' | 'until_date'>
  | Member<Telegram.ChatMemberBanned, 'status' | 'until_date'>;

type Member<M, Field extends keyof M> = Readonly<Pick<M, Field> & { user: User }>;

export type ChatMemberUpdated = Readonly<
  Pick<Telegram.ChatMemberUpdated, 'date' | 'via_join_request'> & {
    chat: Chat;
    from: User;
    old_chat_member: ChatMember;
    new_chat_member: ChatMember;
    invite_link?: ChatInviteLink;
  }
>;

export type ChatJoinRequest = Readonly<
  Pick<Telegram.ChatJoinRequest, 'date' | 'user_chat_id'> & { chat: Chat; from: User; invite_link?: ChatInviteLink }
>;

export type Message = Readonly<
  Pick<Telegram.Message, 'message_id' | 'date' | 'text' | 'migrate_to_chat_id' | 'migrate_from_chat_id'> & {
    from: User;
    chat: Chat;
    entities?: readonly Readonly<Pick<Telegram.MessageEntity, 'offset' | 'length'> & { type: 'bot_command' }>[];
  }
>;

/** One field besides `update_id`, named after the update's type. */
export type Update = Readonly<Pick<Telegram.Update, 'update_id'> & Record<string, unknown>>;

export type WebhookInfo = Readonly<
  Pick<
    Telegram.WebhookInfo,
    'has_custom_certificate' | 'pending_update_count' | 'last_error_date' | 'last_error_message' | 'max_connections'
  > & {
    /** Empty when there is none. */
    url: string;
    allowed_updates?: readonly string[];
  }
>;
