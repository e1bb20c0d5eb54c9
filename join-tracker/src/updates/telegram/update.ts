import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static } from 'typebox';

// Only what is read. Telegram adds fields freely, so unknown ones are let through.

/** Ids have at most 52 significant bits (https://core.telegram.org/bots/api#user). */
export const Id = Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER });
/**
 * Telegram's times are 32-bit (TDLib's td_api.tl, updateChatMember: `date:int32`); read without a sign they end in
 * 2106.
 */
const LAST_DATE = 2 ** 32 - 1;

const User = Type.Object({ id: Id });

const Member = Type.Object({
  status: Type.String(),
  user: User,
  /** With status restricted only. */
  is_member: Type.Optional(Type.Boolean()),
});

const Chat = Type.Object({
  /** A private chat has the id of its user, which is positive; every other id is negative. */
  id: Id,
  username: Type.Optional(Type.String()),
  title: Type.Optional(Type.String()),
  /** private, group, supergroup or channel. */
  type: Type.Optional(Type.String()),
});

const InviteLink = Type.Object({
  invite_link: Type.String(),
  name: Type.Optional(Type.String()),
  /** Whoever comes by it has to be approved. */
  creates_join_request: Type.Optional(Type.Boolean()),
});

/** Unix seconds. With the longest retention added it is still a time of four-digit years. */
const UnixSeconds = Type.Integer({ minimum: 0, maximum: LAST_DATE });

const ChatMemberUpdated = Type.Object({
  chat: Chat,
  /** Who did it: the person, an administrator, or one of our bots. */
  from: Type.Optional(User),
  date: UnixSeconds,
  old_chat_member: Member,
  new_chat_member: Member,
  /** Absent when somebody came without a link. */
  invite_link: Type.Optional(InviteLink),
});

/** https://core.telegram.org/bots/api#chatjoinrequest */
const ChatJoinRequest = Type.Object({
  chat: Chat,
  from: User,
  date: UnixSeconds,
  /** Absent when somebody asked without a link. */
  invite_link: Type.Optional(InviteLink),
});

const Message = Type.Object({
  chat: Chat,
  text: Type.Optional(Type.String()),
  /** The group became the supergroup of this id; the message is in the group. */
  migrate_to_chat_id: Type.Optional(Id),
});

export const Update = Type.Object({
  update_id: Id,
  /** Asked for only while a connection code is open. Most are nothing to us, so any form is let through. */
  message: Type.Optional(Type.Unknown()),
  chat_member: Type.Optional(ChatMemberUpdated),
  my_chat_member: Type.Optional(ChatMemberUpdated),
  chat_join_request: Type.Optional(ChatJoinRequest),
});

export type ChatMember = Static<typeof Member>;
export type ChatMemberUpdated = Static<typeof ChatMemberUpdated>;
export type ChatJoinRequest = Static<typeof ChatJoinRequest>;
export type Update = Static<typeof Update>;

/** https://core.telegram.org/bots/api#update */
export const validateUpdate = compileValidator(Update);

export const validateMessage = compileValidator(Message);

export function isJoin({ old_chat_member, new_chat_member }: ChatMemberUpdated): boolean {
  return !isPresent(old_chat_member) && isPresent(new_chat_member);
}

/** https://core.telegram.org/bots/api#chatmember */
export function isPresent({ status, is_member }: ChatMember): boolean {
  return (
    status === 'member' ||
    status === 'administrator' ||
    status === 'creator' ||
    (status === 'restricted' && is_member === true)
  );
}
