// Every error that Telegram and WebEngage are known to answer, and what it means here. The code decides by this table,
// doctor and `ops show` take their advice from it, and docs/errors.md is made of it. The first row that fits counts, so
// the narrower one stands above.

/**
 * wait = the other side says for how long; again = it passes by itself; administrator = everything waits until somebody
 * mends it; user = only the person concerned can mend it; done = what was asked for is so already; final = this call
 * can never succeed.
 */
export type ErrorKind = 'wait' | 'again' | 'administrator' | 'user' | 'done' | 'final';

/** `none` = no answer came; `unreadable` = an answer that is not of the form that the other side uses. */
export type AnswerKind = number | '3xx' | '5xx' | 'none' | 'unreadable';

export interface KnownError {
  readonly side: 'Telegram' | 'WebEngage' | 'both';
  readonly answer: readonly AnswerKind[];
  /** One of these is in its words, in any case; absent = any words. */
  readonly says?: readonly string[];
  /** Only as the answer to one of these methods; absent = to any. */
  readonly to?: readonly string[];
  readonly kind: ErrorKind;
  /** What it means, as a sentence without its full stop. */
  readonly meaning: string;
  /** What to do, and who; absent when there is nothing to do. */
  readonly advice?: string;
  /** Where it is known from: see the list in docs/errors.md. */
  readonly source: string;
}

const LINKS = ['createChatInviteLink', 'editChatInviteLink', 'revokeChatInviteLink'];
const WEBHOOK = ['setWebhook'];
const REMOVAL = ['banChatMember', 'unbanChatMember', 'restrictChatMember'];

const ADMINISTRATOR = 'In the chat, make the bot an administrator with the right "Invite users via link"';
const CHECK_CHAT = 'Check TELEGRAM_CHAT_ID, and that the bot is in that chat';
const CHECK_TOKEN = 'Ask @BotFather for the token (/mybots, API Token), set TELEGRAM_BOT_TOKEN and restart';
const CHECK_ROOT = 'Check TELEGRAM_API_ROOT or WEBENGAGE_API_ROOT, and any proxy in between';
const CHECK_NETWORK = 'Check the network of this machine; otherwise wait';
const CHECK_LICENCE =
  'Check WEBENGAGE_LICENSE_CODE, and WEBENGAGE_API_ROOT: https://api.webengage.com, or https://api.in.webengage.com when the dashboard is dashboard.in.webengage.com, or https://api.ksa.webengage.com';

export const KNOWN_ERRORS: readonly KnownError[] = [
  // Telegram asks to wait.
  {
    side: 'Telegram',
    answer: [429],
    kind: 'wait',
    meaning: 'Telegram ordered a pause: no call for the seconds of retry_after, up to 14 days',
    advice: 'Nothing: purchases wait, and get their links when the time is over',
    source: 'tba, td',
  },

  // The bot itself.
  {
    side: 'Telegram',
    answer: [401],
    kind: 'administrator',
    meaning: 'Telegram does not know the bot: its token was revoked, or is wrong',
    advice: CHECK_TOKEN,
    source: 'tba',
  },
  {
    side: 'Telegram',
    answer: [404],
    kind: 'administrator',
    meaning: 'Telegram knows no such bot or method: the token has not the right form, or the API root leads elsewhere',
    advice: `${CHECK_TOKEN}. Check TELEGRAM_API_ROOT`,
    source: 'tba',
  },
  {
    side: 'Telegram',
    answer: [400],
    says: ['logged out'],
    kind: 'administrator',
    source: 'tba',
    meaning: 'The bot was logged out of this Bot API server (method logOut), to be moved to another one',
    advice:
      'Set TELEGRAM_API_ROOT to the server that the bot was moved to. Back on api.telegram.org it may log in ten minutes after it was logged out',
  },
  {
    side: 'Telegram',
    answer: [400],
    says: ['CHANNELS_TOO_MUCH'],
    to: LINKS,
    kind: 'administrator',
    meaning: 'The bot is in too many chats',
    advice: 'Take the bot out of chats that it is not needed in',
    source: 'ct.org',
  },

  // Its chat, and what it may do there.
  {
    side: 'Telegram',
    answer: [400],
    says: ['group chat was upgraded to a supergroup'],
    kind: 'administrator',
    meaning: 'The group became a supergroup, which has another id; links are made there by themselves',
    advice: 'Set TELEGRAM_CHAT_ID to the new id, which the line "chat" of doctor names',
    source: 'tba',
  },
  {
    side: 'Telegram',
    answer: [400, 403],
    kind: 'administrator',
    source: 'td, tba, ct.org',
    says: [
      'not enough rights to manage chat invite link',
      'not enough rights to manage chat join requests',
      'CHAT_ADMIN_REQUIRED',
      'need administrator rights',
      'CHAT_ADMIN_INVITE_REQUIRED',
      'RIGHT_FORBIDDEN',
    ],
    meaning: 'The bot may not make links, or answer join requests, in the chat',
    advice: ADMINISTRATOR,
  },
  {
    side: 'Telegram',
    answer: [400, 403],
    says: ['not enough rights to restrict', 'member list is inaccessible'],
    kind: 'administrator',
    meaning: 'The bot may not see or remove members of the chat',
    advice: 'In the chat, make the bot an administrator with the right "Ban users"',
    source: 'td, tba',
  },
  {
    side: 'Telegram',
    answer: [400, 403],
    says: ['not enough rights to send', 'have no rights to send', 'CHAT_WRITE_FORBIDDEN'],
    kind: 'administrator',
    meaning: 'The bot may not write in the chat',
    advice: 'In the chat, give the bot the right to send messages',
    source: 'tba',
  },
  {
    side: 'Telegram',
    answer: [400],
    kind: 'administrator',
    source: 'tba, ct.org',
    says: [
      'chat not found',
      'PEER_ID_INVALID',
      'CHAT_ID_INVALID',
      'CHANNEL_INVALID',
      'CHANNEL_PRIVATE',
      'CHAT_INVALID',
      'chat_id is empty',
    ],
    meaning: 'The bot knows no such chat: the id is wrong, or the bot was never in it',
    advice: CHECK_CHAT,
  },
  {
    side: 'Telegram',
    answer: [403],
    says: ['bot was kicked'],
    kind: 'administrator',
    meaning: 'The bot was thrown out of the chat',
    advice: `Add the bot to the chat again. ${ADMINISTRATOR}`,
    source: 'tba',
  },
  {
    side: 'Telegram',
    answer: [403],
    says: ['bot is not a member'],
    kind: 'administrator',
    meaning: 'The bot is not in the chat',
    advice: `Add the bot to the chat. ${ADMINISTRATOR}`,
    source: 'tba',
  },
  {
    side: 'Telegram',
    answer: [400, 403],
    says: ['chat was deleted', 'group is deactivated', 'chat was deactivated'],
    kind: 'administrator',
    meaning: 'The chat does not exist any more',
    advice: 'Set TELEGRAM_CHAT_ID to the chat that took its place, and make the bot an administrator there',
    source: 'tba',
  },
  {
    side: 'Telegram',
    answer: [400, 403],
    says: ['user is deactivated', 'INPUT_USER_DEACTIVATED', 'USER_DEACTIVATED'],
    to: LINKS,
    kind: 'administrator',
    meaning: 'The chat of the settings is the account of a person, which was deleted',
    advice: CHECK_CHAT,
    source: 'tba',
  },
  {
    side: 'Telegram',
    answer: [400],
    says: ['available for supergroup and channel chats only', 'available only for supergroups'],
    kind: 'administrator',
    meaning: 'The chat is a basic group, in which Telegram offers less',
    advice: 'Convert the group to a supergroup, by making its history visible to new members',
    source: 'td, tba',
  },
  {
    side: 'Telegram',
    answer: [400],
    says: ['EXPIRE_DATE_INVALID'],
    kind: 'administrator',
    meaning: 'The link would have expired already: the clock of this machine is behind, or LINK_TTL_HOURS is too small',
    advice: 'Set the clock by a time server (NTP), and check LINK_TTL_HOURS',
    source: 'ct.org',
  },

  // Where updates come from.
  {
    side: 'Telegram',
    answer: [409],
    says: ['terminated by other getUpdates'],
    kind: 'administrator',
    meaning: 'Another program asks for the updates of this bot, and each takes them away from the other',
    advice: 'Stop the other program, or give it a bot of its own: a bot has one taker of updates',
    source: 'tba',
  },
  {
    side: 'Telegram',
    answer: [409],
    says: ['webhook'],
    kind: 'administrator',
    meaning: 'A webhook is set, so Telegram sends the updates there, and polling gets none',
    advice: 'npm run ops -- doctor --fix removes it. If another program uses this bot, give it a bot of its own',
    source: 'tba',
  },
  {
    side: 'Telegram',
    answer: [409],
    kind: 'administrator',
    meaning: 'Another program uses this bot at the same time',
    advice: 'Stop the other program, or give it a bot of its own',
    source: 'tba',
  },
  {
    side: 'Telegram',
    answer: [400],
    says: ['bad webhook', 'secret token', 'failed to resolve host'],
    to: WEBHOOK,
    kind: 'administrator',
    meaning: 'Telegram takes no webhook of this form',
    advice:
      'BASE_URL must be https, public, and on port 443, 80, 88 or 8443; the secret of 1 to 256 characters A-Z, a-z, 0-9, _ and -',
    source: 'types, tba',
  },

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

  // WebEngage.
  {
    side: 'WebEngage',
    answer: [429],
    kind: 'wait',
    meaning: 'WebEngage asks to slow down: more than 5,000 events a minute',
    advice: 'Nothing: events wait, and are sent when it allows',
    source: 'we',
  },
  {
    side: 'WebEngage',
    answer: [401, 403],
    kind: 'administrator',
    source: 'we',
    meaning: 'WebEngage refuses the key',
    advice:
      'In its dashboard, Data Platform > Integrations > REST API, take the key of an administrator with the permissions Account Management and Update Data; set WEBENGAGE_API_KEY and restart',
  },
  {
    side: 'WebEngage',
    answer: [404],
    kind: 'administrator',
    meaning: 'WebEngage does not know the licence at this data centre',
    advice: CHECK_LICENCE,
    source: 'we',
  },
  {
    side: 'WebEngage',
    answer: [400],
    says: ['license', 'licence', 'account not found', 'invalid account'],
    kind: 'administrator',
    meaning: 'WebEngage refuses the licence at this data centre',
    advice: CHECK_LICENCE,
    source: 'we',
  },
  {
    side: 'WebEngage',
    answer: [400, 413, 422],
    kind: 'final',
    meaning: 'WebEngage does not take this event: a user id has at most 100 characters, a value less than 1,000',
    advice: 'Its words say which field; the event is with the dead letters',
    source: 'we',
  },
  {
    side: 'WebEngage',
    answer: [408],
    kind: 'again',
    meaning: 'WebEngage did not get the whole request in time',
    source: 'we',
  },
  {
    side: 'WebEngage',
    answer: ['5xx'],
    kind: 'again',
    meaning: 'WebEngage has trouble of its own; see status.webengage.com',
    source: 'we',
  },

  // Either side: answers that are not of the form, and none at all.
  {
    side: 'both',
    answer: ['3xx', 407],
    kind: 'administrator',
    meaning: 'Something else answers in the place of the API',
    advice: CHECK_ROOT,
    source: 'RFC 9110',
  },
  {
    side: 'both',
    answer: ['unreadable'],
    kind: 'again',
    meaning: 'The answer is not one that the API gives: something else may answer in its place',
    advice: CHECK_ROOT,
    source: 'seen',
  },
  {
    side: 'both',
    answer: ['none'],
    says: ['ERR_PROXY_TUNNEL'],
    kind: 'again',
    meaning: 'The proxy makes no connection to the host',
    advice: 'Check HTTPS_PROXY with its user and password, and NO_PROXY; its words say what it refuses',
    source: 'Node',
  },
  {
    side: 'both',
    answer: ['none'],
    says: ['ENOTFOUND', 'EAI_AGAIN'],
    kind: 'again',
    meaning: 'The name of the host cannot be resolved',
    advice: 'Check the network and its name server, and the host in the API root',
    source: 'Node',
  },
  {
    side: 'both',
    answer: ['none'],
    kind: 'administrator',
    source: 'Node',
    says: [
      'certificate',
      'self-signed',
      'altnames',
      'CERT_HAS_EXPIRED',
      'CERT_NOT_YET_VALID',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'EPROTO',
      'wrong version number',
    ],
    meaning: 'The connection cannot be trusted: the certificate does not fit the host or the time',
    advice:
      'Check the clock of this machine, the API root (https or http), and any proxy that ends encrypted connections',
  },
  {
    side: 'both',
    answer: ['none'],
    says: ['ECONNREFUSED'],
    kind: 'again',
    meaning: 'Nothing listens at the address of the API root',
    advice: `${CHECK_ROOT}; otherwise wait`,
    source: 'Node',
  },
  {
    side: 'both',
    answer: ['none'],
    says: ['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'],
    kind: 'again',
    meaning: 'There is no way to the host',
    advice: CHECK_NETWORK,
    source: 'Node',
  },
  {
    side: 'both',
    answer: ['none'],
    says: ['timeout', 'ETIMEDOUT', 'ECONNABORTED', 'canceled', 'ERR_CANCELED'],
    kind: 'again',
    meaning: 'It did not answer in time',
    advice: CHECK_NETWORK,
    source: 'Node',
  },
  {
    side: 'both',
    answer: ['none'],
    says: ['ECONNRESET', 'socket hang up', 'EPIPE', 'aborted'],
    kind: 'again',
    meaning: 'The connection broke before the answer was there',
    advice: CHECK_NETWORK,
    source: 'Node',
  },
  {
    side: 'both',
    answer: ['none'],
    kind: 'again',
    meaning: 'It did not answer',
    advice: CHECK_NETWORK,
    source: 'Node',
  },
];
