/** What a test's system and its simulators agree on. Made up, and long enough that no log line holds one by chance. */
export const BOT_TOKEN = '4400000042:AAEtEsTbOtToKeNwHiChIsSeCrEt_0123456';
/** Of a bot that some worlds have besides. */
export const SECOND_BOT_TOKEN = '4400000043:AAHsEcOnDtOkEnOfTwO_dIfFeReNt_98765';
export const CHAT_ID = -1_001_234_567_890;
export const WEBHOOK_SECRET = 'webhook-secret-4f1d9c0b7a';
export const API_KEY = 'intake-key-one-9b8c7d6e5f';
/** The second of two keys that are valid at once. */
export const NEXT_API_KEY = 'intake-key-two-1a2b3c4d5e';
/** Of operators ada and ben. */
export const OPERATOR_KEY = 'operator-key-ada-5e4d3c2b1a';
export const NEXT_OPERATOR_KEY = 'operator-key-ben-0a9b8c7d6e';
export const LICENSE_CODE = 'e2e-licence';
export const WEBENGAGE_API_KEY = 'webengage-key-0f9e8d7c6b';

/** What no log line may hold, whole or in part. */
const SECRETS = [
  BOT_TOKEN,
  BOT_TOKEN.slice(BOT_TOKEN.indexOf(':') + 1),
  SECOND_BOT_TOKEN,
  SECOND_BOT_TOKEN.slice(SECOND_BOT_TOKEN.indexOf(':') + 1),
  WEBHOOK_SECRET,
  API_KEY,
  NEXT_API_KEY,
  OPERATOR_KEY,
  NEXT_OPERATOR_KEY,
  WEBENGAGE_API_KEY,
];

/**
 * Invite links, and the user ids that the simulator hands out: logs name a link by its hash, and nobody by their
 * Telegram id.
 */
const PRIVATE = [/https:\/\/t\.me\/\+[\w-]+/, /\b7000000\d{3}\b/];

/** @throws with the name of what was printed, and the line around it cut short. */
export function assertNothingSecretIn(text: string): void {
  for (const secret of SECRETS) {
    if (text.includes(secret)) throw new Error(`A secret was printed: ${secret.slice(0, 12)}…`);
  }
  for (const pattern of PRIVATE) {
    const found = pattern.exec(text);
    if (found !== null)
      throw new Error(`Something private was printed: ${text.slice(Math.max(0, found.index - 200), found.index + 60)}`);
  }
}
