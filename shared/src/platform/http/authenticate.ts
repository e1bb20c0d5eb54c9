import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from './http-error.ts';
import type { Authenticate } from './route.ts';

/** Accepts `Authorization: Bearer <key>` or `X-Api-Key: <key>` with any of `keys`. */
export function apiKeyAuthentication(keys: readonly string[]): Authenticate {
  const match = secretComparison(keys);
  return (headers) => {
    const index = match(offeredKey(headers));
    if (index === undefined) throw keyRequired('API key');
    return `key ${index + 1}`;
  };
}

/** Returns the name of the key that came with a request. @throws HttpError unauthorized */
export type NamedKeyAuthentication = (headers: IncomingHttpHeaders) => string;

/** As `apiKeyAuthentication`, for keys that each say whose they are: `name:key`. */
export function namedKeyAuthentication(namedKeys: readonly string[]): NamedKeyAuthentication {
  const names = namedKeys.map((namedKey) => namedKey.slice(0, namedKey.indexOf(':')));
  const match = secretComparison(namedKeys.map((namedKey) => namedKey.slice(namedKey.indexOf(':') + 1)));
  return (headers) => {
    const name = names[match(offeredKey(headers)) ?? -1];
    if (name === undefined) throw keyRequired("operator's key");
    return name;
  };
}

/** Accepts requests whose `headerName` (lower case) holds any of `secrets`. */
export function headerSecretAuthentication(headerName: string, secrets: readonly string[]): Authenticate {
  const match = secretComparison(secrets);
  return (headers) => {
    const offered = headers[headerName];
    if (match(typeof offered === 'string' ? offered : undefined) === undefined) {
      throw new HttpError('unauthorized', `A valid ${headerName} header is required`);
    }
    // Two secrets of one caller: it is changing from one to the other.
    return headerName;
  };
}

function offeredKey(headers: IncomingHttpHeaders): string | undefined {
  const offered = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? headers['x-api-key'];
  return typeof offered === 'string' ? offered : undefined;
}

function keyRequired(what: string): HttpError {
  return new HttpError('unauthorized', `A valid ${what} is required: Authorization: Bearer <key>, or X-Api-Key: <key>`);
}

/**
 * Returns the index of the secret that was offered. What is offered is cut or filled up to the length of the longest
 * secret and compared with every one, so the time it takes tells neither how much of it is right nor which secret it
 * was.
 */
function secretComparison(secrets: readonly string[]): (offered: string | undefined) => number | undefined {
  const width = Math.max(0, ...secrets.map((secret) => Buffer.byteLength(secret)));
  const known = secrets.map((secret) => fill(Buffer.alloc(width), secret));
  const room = Buffer.alloc(width);
  return (offered) => {
    if (offered === undefined) return undefined;
    const candidate = fill(room, offered);
    return known.reduce<number | undefined>(
      (matched, secret, index) =>
        timingSafeEqual(secret.bytes, candidate.bytes) && secret.length === candidate.length ? index : matched,
      undefined,
    );
  };
}

/** `length` is that of the whole text, which may be longer than what there is room for. */
function fill(bytes: Buffer, text: string): { readonly bytes: Buffer; readonly length: number } {
  bytes.fill(0).write(text);
  return { bytes, length: Buffer.byteLength(text) };
}
