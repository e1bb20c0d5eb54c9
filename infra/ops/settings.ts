import { readFileSync } from 'node:fs';
import { errorCode } from '@paid-community/shared/platform/ports/errors.ts';
import { UsageError } from './command-line/usage-error.ts';

const DEFAULT_URL = 'http://127.0.0.1:8080';

export interface Connection {
  /** Without a slash at the end. */
  readonly url: string;
  readonly key: string;
}

export interface ConnectionOptions {
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly keyFile: string | undefined;
}

/** Where the system is and who asks: the options, else OPERATOR_URL and OPERATOR_API_KEY. @throws UsageError */
export function readConnection(
  options: ConnectionOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Connection {
  const url = options.url ?? textOf(environment['OPERATOR_URL']) ?? DEFAULT_URL;
  if (options.key !== undefined && options.keyFile !== undefined) throw new UsageError('One of --key and --key-file');
  const key =
    options.key ?? (options.keyFile === undefined ? textOf(environment['OPERATOR_API_KEY']) : keyIn(options.keyFile));
  if (key === undefined)
    throw new UsageError(
      "An operator's key is needed: --key-file, --key, or OPERATOR_API_KEY in the environment or in .env. It is the part after the colon of one of OPERATOR_API_KEYS",
    );
  // What an HTTP header may hold, and no message quotes it.
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new UsageError(
      'The key (of --key-file, --key or OPERATOR_API_KEY) must be printable characters without spaces',
    );
  return { url: rootUrl(url), key };
}

function keyIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`--key-file ${file} cannot be read (${errorCode(error)})`, { cause: error });
  }
}

function rootUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== ''
  ) {
    throw new UsageError('--url (or OPERATOR_URL) must be a URL such as https://intake.example.com, without a query');
  }
  return url.href.replace(/\/+$/, '');
}

// An empty line in .env means "not set".
function textOf(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}
