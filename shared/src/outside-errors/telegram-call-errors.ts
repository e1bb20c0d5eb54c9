import { ADMINISTRATOR, CHECK_CHAT } from './advice.ts';
import type { KnownError } from './known-error.ts';

const REMOVAL = ['banChatMember', 'unbanChatMember', 'restrictChatMember'];

/** What Telegram answers about people, links, messages and topics, and what else it forbids. */
export const TELEGRAM_CALL_ERRORS: readonly KnownError[] = [
  // People.
  {
    side: 'Telegram',
    answer: [400],
    says: [
      "can't remove chat owner",
      'user is an administrator of the chat',
      'USER_ADMIN_INVALID',
      "can't restrict self",
    ],
    to: REMOVAL,
    kind: 'administrator',
    meaning: 'A bot cannot remove the owner, or an administrator whom somebody else has appointed',
    advice: 'The owner of the chat has to do it',
    source: 'td, tba',
  },
  {
    side: 'Telegram',
    answer: [400, 403],
    says: ['USER_CHANNELS_TOO_MUCH', 'CHANNELS_TOO_MUCH'],
    kind: 'user',
    meaning: 'The person is in as many chats as Telegram allows (500; with Premium 1,000)',
    advice: 'The person has to leave another chat, then ask again',
    source: 'ct.org',
  },
  {
    side: 'Telegram',
    answer: [403],
    says: ['bot was blocked by the user', "bot can't initiate conversation with a user"],
    kind: 'user',
    meaning: 'The person takes no messages of the bot',
    advice: 'The person has to start the bot; until then use another channel',
    source: 'tba',
  },
  {
    side: 'Telegram',
    answer: [400, 403],
    says: ['user is deactivated', 'INPUT_USER_DEACTIVATED', 'USER_DEACTIVATED'],
    kind: 'final',
    meaning: 'The account of the person was deleted',
    source: 'ct.org, tba',
  },
  {
    side: 'Telegram',
    answer: [400],
    says: ['PARTICIPANT_ID_INVALID', 'member not found', 'user not found', 'USER_ID_INVALID', 'USER_NOT_PARTICIPANT'],
    kind: 'final',
    meaning: 'Telegram knows no such person in the chat; it may say so by mistake, so our own record of joins decides',
    source: 'td, tba, tba#802',
  },
  {
    side: 'Telegram',
    answer: [400],
    says: ['USER_ALREADY_PARTICIPANT'],
    kind: 'done',
    meaning: 'The person is in the chat already',
    source: 'ct.org, tba',
  },
  {
    side: 'Telegram',
    answer: [400],
    says: ['HIDE_REQUESTER_MISSING'],
    kind: 'done',
    meaning: 'The join request is gone, or was answered already',
    source: 'ct.org, tba',
  },

  // Links, messages, topics, tags.
  {
    side: 'Telegram',
    answer: [400],
    says: ['INVITE_REVOKED_MISSING', 'INVITE_HASH_EXPIRED'],
    to: ['revokeChatInviteLink'],
    kind: 'done',
    meaning: 'The link was revoked before, or is gone',
    source: 'td',
  },
  {
    side: 'Telegram',
    answer: [400],
    says: ["member limit can't be specified for links requiring administrator approval"],
    kind: 'final',
    meaning: 'A link cannot have both a member limit and join requests',
    source: 'td',
  },
  {
    side: 'Telegram',
    answer: [400],
    says: ['message is not modified', 'TOPIC_NOT_MODIFIED'],
    kind: 'done',
    meaning: 'It has these words already',
    source: 'tba',
  },
  {
    side: 'Telegram',
    answer: [400],
    says: ['query is too old'],
    kind: 'done',
    meaning: 'The button was pressed too long ago to be answered; nothing is lost',
    source: 'tba',
  },
  {
    side: 'Telegram',
    answer: [400],
    says: ['message thread not found', 'TOPIC_CLOSED', 'TOPIC_DELETED', 'TOPIC_ID_INVALID'],
    kind: 'final',
    meaning: 'The topic is gone or closed: another one has to be made',
    source: 'tba, td',
  },
  {
    side: 'Telegram',
    answer: [400],
    says: ['TAG_INVALID', 'TAG_EMOJI_NOT_ALLOWED'],
    kind: 'final',
    meaning: 'A tag has at most 16 characters, and no emoji',
    source: 'types, tba',
  },
  {
    side: 'Telegram',
    answer: [400],
    says: ['TAG_CHANGE_FORBIDDEN'],
    kind: 'administrator',
    meaning: 'The bot may not set tags in the chat',
    advice: 'In the chat, give the bot the right to manage tags',
    source: 'tba',
  },

  // All else that is forbidden is so until somebody allows it.
  {
    side: 'Telegram',
    answer: [403],
    kind: 'administrator',
    meaning: 'Telegram forbids it to the bot',
    advice: `${CHECK_CHAT}. ${ADMINISTRATOR}`,
    source: 'tba',
  },
  { side: 'Telegram', answer: ['5xx'], kind: 'again', meaning: 'Telegram has trouble of its own', source: 'tba' },
];
