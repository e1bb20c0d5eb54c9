// Every error that Telegram and WebEngage are known to answer, and what it means here. The code decides by this table,
// doctor and `ops show` take their advice from it, and docs/errors.md is made of it. The first row that fits counts, so
// the narrower one stands above.

import { NO_TOKEN, type KnownError } from './known-error.ts';
import { TELEGRAM_BOT_ERRORS } from './telegram-bot-errors.ts';
import { TELEGRAM_CALL_ERRORS } from './telegram-call-errors.ts';
import { WEBENGAGE_ERRORS } from './webengage-errors.ts';

const CHECK_ROOT = 'Check TELEGRAM_API_ROOT or WEBENGAGE_API_ROOT, and any proxy in between';
const CHECK_NETWORK = 'Check the network of this machine; otherwise wait';

const WITHOUT_A_CALL: KnownError = {
  side: 'Telegram',
  answer: [NO_TOKEN],
  kind: 'administrator',
  meaning: 'The settings have no token of the bot that makes the links of the community',
  advice:
    'Add the token to TELEGRAM_BOT_TOKENS and restart, or give the community another bot (communities change --bots)',
  source: 'seen',
};

/** Answers of either side that are not of the form, and none at all. */
const ERRORS_OF_EITHER_SIDE: readonly KnownError[] = [
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

export const KNOWN_ERRORS: readonly KnownError[] = [
  ...TELEGRAM_BOT_ERRORS,
  ...TELEGRAM_CALL_ERRORS,
  WITHOUT_A_CALL,
  ...WEBENGAGE_ERRORS,
  ...ERRORS_OF_EITHER_SIDE,
];
