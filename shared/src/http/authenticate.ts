import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from './http-error.ts';
import type { Authenticate } from './route.ts';

/** Accepts `Authorization: Bearer <key>` or `X-Api-Key: <key>` with any of `keys`. */
export function apiKeyAuthentication(keys: readonly string[]): Authenticate {
  const match = secretComparison(keys);
  return (headers) => {
    if (match(offeredKey(headers)) === undefined) throw keyRequired('API key');
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
  };
}

function offeredKey(headers: IncomingHttpHeaders): string | undefined {
  const offered = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? headers['x-api-key'];
  return typeof offered === 'string' ? offered : undefined;
}

function keyRequired(what: string): HttpError {
  return new HttpError('unauthorized', `A valid ${what} is required: Authorization: Bearer <key>, or X-Api-Key: <key>`);
}

// Digests have one length, so the comparison takes the same time whatever was offered; every secret is compared, so it
// does not tell which one matched either. Returns the index of the one that did.
function secretComparison(secrets: readonly string[]): (offered: string | undefined) => number | undefined {
  const digests = secrets.map(digest);
  return (offered) => {
    if (offered === undefined) return undefined;
    const offeredDigest = digest(offered);
    return digests.reduce<number | undefined>((matched, secret, index) => (timingSafeEqual(secret, offeredDigest) ? index : matched), undefined);
  };
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
