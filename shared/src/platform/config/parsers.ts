import { isPrivate } from './hosts.ts';

// Texts of environment variables into values. Error messages complete the sentence "NAME …" and never quote the text.

export function text(): (input: string) => string {
  return (input) => input;
}

export function matching(pattern: RegExp, wanted: string): (input: string) => string {
  return (input) => {
    if (!pattern.test(input)) throw new Error(`must be ${wanted}`);
    return input;
  };
}

/** Comma-separated; every part must match. */
export function listMatching(pattern: RegExp, wanted: string): (input: string) => readonly string[] {
  return (input) => {
    const parts = input.split(',').map((part) => part.trim());
    if (!parts.every((part) => pattern.test(part)))
      throw new Error(`must be a comma-separated list, each part ${wanted}`);
    return parts;
  };
}

/** Shorter ones can be guessed. */
const LEAST_KEY_CHARACTERS = 16;

const MAKE_A_KEY = `node -p "require('node:crypto').randomBytes(24).toString('base64url')"`;

/** What an HTTP header may hold, without the comma that separates several. */
const KEY = `[\\x21-\\x2b\\x2d-\\x7e]{${LEAST_KEY_CHARACTERS},}`;
const KEY_IN_WORDS = `at least ${LEAST_KEY_CHARACTERS} printable characters without spaces`;

/** Keys that we give out, comma-separated. */
export function keys(): (input: string) => readonly string[] {
  return keyListMatching(new RegExp(`^${KEY}$`), `of ${KEY_IN_WORDS}`);
}

/** As `name:key`. */
export function namedKeys(): (input: string) => readonly string[] {
  return keyListMatching(
    new RegExp(`^[A-Za-z0-9._@-]{1,64}:${KEY}$`),
    `name:key, the name of letters, digits and . _ @ -, the key of ${KEY_IN_WORDS}`,
  );
}

/** What Telegram sends with every update: of the characters that it takes, comma-separated. */
export function webhookSecrets(): (input: string) => readonly string[] {
  return keyListMatching(
    new RegExp(`^[A-Za-z0-9_-]{${LEAST_KEY_CHARACTERS},256}$`),
    `of ${LEAST_KEY_CHARACTERS} to 256 characters A-Z, a-z, 0-9, _ and -`,
  );
}

function keyListMatching(pattern: RegExp, wanted: string): (input: string) => readonly string[] {
  return listMatching(pattern, `${wanted}; one is made by ${MAKE_A_KEY}`);
}

export function integer(minimum: number, maximum: number): (input: string) => number {
  return (input) => {
    const value = Number(input);
    if (!/^-?\d+$/.test(input) || value < minimum || value > maximum)
      throw new Error(`must be a whole number from ${minimum} to ${maximum}`);
    return value;
  };
}

export function number(minimum: number, maximum: number): (input: string) => number {
  return (input) => {
    const value = Number(input);
    if (!/^\d+(\.\d+)?$/.test(input) || value < minimum || value > maximum)
      throw new Error(`must be a number from ${minimum} to ${maximum}`);
    return value;
  };
}

export function oneOf<const Choice extends string>(...choices: readonly Choice[]): (input: string) => Choice {
  return (input) => {
    const choice = choices.find((candidate) => candidate === input);
    if (choice === undefined) throw new Error(`must be one of: ${choices.join(', ')}`);
    return choice;
  };
}

/** An http or https URL without user, query or fragment; a slash at the end is dropped, so that paths can be added. */
export function rootUrl(...protocols: readonly ('http:' | 'https:')[]): (input: string) => string {
  return (input) => {
    const wanted = `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')} and has no query`;
    // A URL may be read although there are blanks, control characters or a backslash in it; what is in front of an @
    // would get into logs.
    if (!URL.canParse(input) || /[\s\\@?#]/.test(input)) throw new Error(wanted);
    if (!protocols.some((protocol) => protocol === new URL(input).protocol)) throw new Error(wanted);
    return input.replace(/\/+$/, '');
  };
}

/** As `rootUrl`, for what a secret is sent to: http:// only where it stays on this machine or on a private network. */
export function confidentialRootUrl(): (input: string) => string {
  const parse = rootUrl('https:', 'http:');
  return (input) => {
    const root = parse(input);
    const { protocol, hostname } = new URL(root);
    if (protocol === 'http:' && !isPrivate(hostname))
      throw new Error(
        'must be https://, or everybody on the way can read the secrets; http:// is for this machine and private networks',
      );
    return root;
  };
}
