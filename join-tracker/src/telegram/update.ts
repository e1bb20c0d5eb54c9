import { compileValidator } from '@paid-community/shared/validation/validator.ts';
import { Type, type Static } from 'typebox';

// Only what is read. Telegram adds fields freely, so unknown ones are let through.

const Member = Type.Object({
  status: Type.String(),
  user: Type.Object({ id: Type.Integer() }),
  /** With status restricted only. */
  is_member: Type.Optional(Type.Boolean()),
});

const ChatMemberUpdated = Type.Object({
  chat: Type.Object({ id: Type.Integer() }),
  /** Unix seconds. */
  date: Type.Integer({ minimum: 0, maximum: 253_402_300_799 }),
  old_chat_member: Member,
  new_chat_member: Member,
  /** Absent when somebody came without a link. */
  invite_link: Type.Optional(Type.Object({ invite_link: Type.String(), name: Type.Optional(Type.String()) })),
});

const Update = Type.Object({
  update_id: Type.Integer(),
  chat_member: Type.Optional(ChatMemberUpdated),
  my_chat_member: Type.Optional(ChatMemberUpdated),
});

export type ChatMember = Static<typeof Member>;
export type ChatMemberUpdated = Static<typeof ChatMemberUpdated>;
export type Update = Static<typeof Update>;

/** https://core.telegram.org/bots/api#update */
export const validateUpdate = compileValidator(Update);

export function isJoin({ old_chat_member, new_chat_member }: ChatMemberUpdated): boolean {
  return !isPresent(old_chat_member) && isPresent(new_chat_member);
}

/** https://core.telegram.org/bots/api#chatmember */
function isPresent({ status, is_member }: ChatMember): boolean {
  return status === 'member' || status === 'administrator' || status === 'creator' || (status === 'restricted' && is_member === true);
}
