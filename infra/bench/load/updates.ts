import { WEBHOOK_PATH } from '@paid-community/shared/telegram/webhook.ts';

/** Of 100 updates 1 is forged, 4 are joins and 95 are of no interest. */
const PERIOD = 100;
const FORGED_AT = 50;
const JOINS_AT = new Set([5, 30, 55, 80]);
const CHAT = { id: -1_001_000_000_001, title: 'Paid community', type: 'supergroup' };
const FIRST_UPDATE = 700_000_000;
const FIRST_USER = 5_000_000_000;

export type UpdateKind = 'forged' | 'join' | 'other';

export function updateKind(index: number): UpdateKind {
  const place = index % PERIOD;
  if (place === FORGED_AT) return 'forged';
  return JOINS_AT.has(place) ? 'join' : 'other';
}

export function updateStatus(index: number): number {
  return updateKind(index) === 'forged' ? 401 : 200;
}

/** The link that the join with this number comes through; unknown to the store unless it was put there. */
export function linkOfJoin(index: number): string {
  return `https://t.me/+bench${String(index).padStart(10, '0')}`;
}

/** The bytes of one POST of Telegram's. */
export function updateRequests(options: { readonly port: number; readonly apiKey: string }): (index: number) => string {
  const forged = options.apiKey.replace(/./g, 'x');
  return (index) => {
    const kind = updateKind(index);
    const body = JSON.stringify({ update_id: FIRST_UPDATE + index, ...contentOf(kind, index) });
    return [
      `POST ${WEBHOOK_PATH} HTTP/1.1`,
      `Host: 127.0.0.1:${options.port}`,
      `X-Telegram-Bot-Api-Secret-Token: ${kind === 'forged' ? forged : options.apiKey}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `\r\n${body}`,
    ].join('\r\n');
  };
}

function contentOf(kind: UpdateKind, index: number): object {
  const user = { id: FIRST_USER + index, is_bot: false, first_name: 'Somebody', language_code: 'en' };
  const date = 1_790_000_000 + Math.floor(index / PERIOD);
  if (kind === 'join') {
    const invite_link = {
      invite_link: linkOfJoin(index),
      creator: { id: 1, is_bot: true, first_name: 'Bot' },
      creates_join_request: false,
      is_primary: false,
      is_revoked: false,
      member_limit: 1,
    };
    return {
      chat_member: {
        chat: CHAT,
        from: user,
        date,
        old_chat_member: { user, status: 'left' },
        new_chat_member: { user, status: 'member' },
        invite_link,
      },
    };
  }
  // Half of the rest says something in the group, half leaves it.
  if (index % 2 === 0)
    return {
      message: {
        message_id: index,
        from: user,
        chat: CHAT,
        date,
        text: 'Good morning! Is there a recording of the session of yesterday?',
      },
    };
  return {
    chat_member: {
      chat: CHAT,
      from: user,
      date,
      old_chat_member: { user, status: 'member' },
      new_chat_member: { user, status: 'left' },
    },
  };
}

/** A server that checks nothing knows from the number of an update whether it is to be refused. */
export function statusOfUpdate(update: unknown): number {
  const { update_id } = update as { readonly update_id: number };
  return updateStatus(update_id - FIRST_UPDATE);
}
