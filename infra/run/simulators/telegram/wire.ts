/**
 * The part of the Bot API's objects that this system can meet. Written here anew, so that a wrong type in the code
 * under test shows.
 */

export interface User {
  readonly id: number;
  readonly is_bot: boolean;
  readonly first_name: string;
  readonly username?: string;
}

export interface Chat {
  readonly id: number;
  readonly title: string;
  readonly type: 'supergroup';
}

export interface ChatInviteLink {
  readonly invite_link: string;
  readonly name?: string;
  readonly creator: User;
  readonly creates_join_request: boolean;
  readonly is_primary: boolean;
  readonly is_revoked: boolean;
  readonly member_limit?: number;
  readonly expire_date?: number;
}

export type ChatMember =
  | { readonly user: User; readonly status: 'left' | 'member' }
  | {
      readonly user: User;
      readonly status: 'administrator';
      readonly can_be_edited: boolean;
      readonly can_invite_users: boolean;
    }
  | { readonly user: User; readonly status: 'restricted'; readonly is_member: boolean; readonly until_date: number }
  | { readonly user: User; readonly status: 'kicked'; readonly until_date: number };

export interface ChatMemberUpdated {
  readonly chat: Chat;
  readonly from: User;
  /** Unix seconds. */
  readonly date: number;
  readonly old_chat_member: ChatMember;
  readonly new_chat_member: ChatMember;
  readonly invite_link?: ChatInviteLink;
}

/** One field besides `update_id`, named after the update's type. */
export type Update = { readonly update_id: number } & Readonly<Record<string, unknown>>;

export interface WebhookInfo {
  readonly url: string;
  readonly has_custom_certificate: boolean;
  readonly pending_update_count: number;
  readonly last_error_date?: number;
  readonly last_error_message?: string;
  readonly max_connections?: number;
  readonly allowed_updates?: readonly string[];
}
