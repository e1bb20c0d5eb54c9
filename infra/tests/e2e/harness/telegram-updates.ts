import { CHAT_ID, WEBHOOK_SECRET } from './credentials.ts';
import { send, type Answer } from './http.ts';

/** A member as Telegram shows it; `is_member` with status restricted only. */
export interface MemberState {
  readonly status: string;
  readonly is_member?: boolean;
}

export interface ChangeOfMember {
  readonly userId: number;
  /** `left` by default. */
  readonly from?: MemberState;
  /** `member` by default. */
  readonly to?: MemberState;
  readonly link?: { readonly invite_link: string; readonly name?: string };
  /** Unix seconds; a fixed time by default, so that two updates of one change are the same. */
  readonly date?: number;
}

/** A `chat_member` update as Telegram sends it (https://core.telegram.org/bots/api#chatmemberupdated). */
export function joinUpdate({
  userId,
  from = { status: 'left' },
  to = { status: 'member' },
  link,
  date = 1_790_000_000,
}: ChangeOfMember): Record<string, unknown> {
  const user = { id: userId, is_bot: false, first_name: 'Ada', username: 'ada', language_code: 'en' };
  return {
    update_id: 10_000 + userId,
    chat_member: {
      chat: { id: CHAT_ID, title: 'Paid community', type: 'supergroup' },
      from: user,
      date,
      old_chat_member: { user, ...from },
      new_chat_member: { user, ...to },
      ...(link === undefined
        ? {}
        : {
            invite_link: {
              creator: user,
              creates_join_request: false,
              is_primary: false,
              is_revoked: false,
              member_limit: 1,
              ...link,
            },
          }),
    },
  };
}

/** As Telegram would send it. */
export function postUpdate(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return send(`${url}/v1/telegram/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': WEBHOOK_SECRET, ...headers },
    body,
  });
}
