import type { JWTVerifyGetKey } from 'jose';

/**
 * Where Google shows the keys with which it signs identity tokens
 * (https://accounts.google.com/.well-known/openid-configuration, jwks_uri).
 */
const GOOGLE_KEYS_URL = 'https://www.googleapis.com/oauth2/v3/certs';

/** Within the deadline of a push, with room for the handler behind it. */
const FETCH_TIMEOUT_MS = 5_000;

/** Google shows a new key for days before it signs with it, and an old one for as long after. */
const KEPT_FOR_MS = 6 * 3_600_000;

/** A key id that is not among them makes one look at the key server in this time, not one for each forged token. */
const LOOK_AGAIN_AFTER_MS = 30_000;

/** Finds the public key of a token. Made when the first token comes: it loads `jose`. */
export type KeySource = () => Promise<JWTVerifyGetKey>;

/** Google's keys, fetched once and kept. `url` is for tests. */
export function googleKeys(url: string = GOOGLE_KEYS_URL): KeySource {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  return () => {
    keys ??= import('jose').then(({ createRemoteJWKSet }) =>
      createRemoteJWKSet(new URL(url), {
        timeoutDuration: FETCH_TIMEOUT_MS,
        cacheMaxAge: KEPT_FOR_MS,
        cooldownDuration: LOOK_AGAIN_AFTER_MS,
      }),
    );
    return keys;
  };
}
