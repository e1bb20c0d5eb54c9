import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from './http-error.ts';
import type { Authenticate } from './route.ts';

/** Accepts `Authorization: Bearer <key>` or `X-Api-Key: <key>` with any of `keys`. */
export function apiKeyAuthentication(keys: readonly string[]): Authenticate {
  const isAccepted = secretComparison(keys);
  return (headers) => {
    const offered = bearerToken(headers) ?? headers['x-api-key'];
    if (typeof offered !== 'string' || !isAccepted(offered)) {
      throw new HttpError('unauthorized', 'A valid API key is required: Authorization: Bearer <key>, or X-Api-Key: <key>');
    }
  };
}

/** Accepts requests whose `headerName` (lower case) holds any of `secrets`. */
export function headerSecretAuthentication(headerName: string, secrets: readonly string[]): Authenticate {
  const isAccepted = secretComparison(secrets);
  return (headers) => {
    const offered = headers[headerName];
    if (typeof offered !== 'string' || !isAccepted(offered)) {
      throw new HttpError('unauthorized', `A valid ${headerName} header is required`);
    }
  };
}

function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

// Digests have one length, so the comparison takes the same time whatever was offered; every secret is compared, so it
// does not tell which one matched either.
function secretComparison(secrets: readonly string[]): (offered: string) => boolean {
  const digests = secrets.map(digest);
  return (offered) => {
    const offeredDigest = digest(offered);
    return digests.reduce((accepted, secret) => timingSafeEqual(secret, offeredDigest) || accepted, false);
  };
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
