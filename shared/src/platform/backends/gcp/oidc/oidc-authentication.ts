import type { JWTPayload } from 'jose';
import { RetryableError, errorCode, errorMessage } from '../../../ports/errors.ts';
import { HttpError } from '../../../http/http-error.ts';
import type { Authenticate } from '../../../http/route.ts';
import type { Logger } from '../../../log/logger.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { KeySource } from './google-keys.ts';

/** The caller that a push endpoint is for. */
export interface ExpectedCaller {
  /** E-mail of the service account that signs. */
  readonly serviceAccount: string;
  readonly audience: string;
  /**
   * Who checks the signature. `here`: this process, always. `platform`: Cloud Run's own check of callers has checked it
   * already and put SIGNATURE_REMOVED in its place; a token that still has its signature is checked here all the same.
   */
  readonly signatureCheckedBy: 'here' | 'platform';
}

/**
 * What Cloud Run hands to a container in the place of a signature that it has checked, so that nobody there can use the
 * token elsewhere (https://cloud.google.com/run/docs/troubleshooting#signature-removed). Where Cloud Run checks no
 * caller, anybody may write it.
 */
const SIGNATURE_REMOVED = 'SIGNATURE_REMOVED_BY_GOOGLE';

/** Google writes either (https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions#payload). */
const ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];

const ALGORITHM = 'RS256';

/** Between two clocks that are both kept by NTP. */
const CLOCK_TOLERANCE_SECONDS = 30;

/**
 * Google's tokens live for an hour. One that claims more than a day is none of Google's (the limit of
 * google-auth-library, too).
 */
const LONGEST_LIFE_SECONDS = 24 * 3_600;

const TOKEN = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** Codes of jose; with any other, the key server is to blame, and nobody can say anything about the token. */
const FAULTS_OF_THE_TOKEN = /^ERR_(JWS|JWT|JOSE_ALG|JOSE_NOT_SUPPORTED|JWKS_NO_MATCHING_KEY)/;

interface Deps {
  readonly keys: KeySource;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Accepts calls that carry an identity token of Google for exactly this caller: signature, issuer, audience, e-mail and
 * times are all checked, and no other header counts. Refused calls get 401, and the log says why; 503 when the keys of
 * Google cannot be had.
 */
export function oidcAuthentication(expected: ExpectedCaller, { keys, clock, log }: Deps): Authenticate {
  return async (headers) => {
    const token = TOKEN.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) throw refusal('no_token', log);
    const read = isMarked(token) ? await readMarked(token, expected) : await readSigned(token, keys);
    if ('wrong' in read) throw refusal(read.wrong, log);
    const wrong = wrongClaim(read.claims, expected, clock.now() / 1_000);
    if (wrong !== undefined) throw refusal(wrong, log);
    return expected.serviceAccount;
  };
}

type Read = { readonly claims: JWTPayload } | { readonly wrong: string };

function isMarked(token: string): boolean {
  return token.slice(token.lastIndexOf('.') + 1) === SIGNATURE_REMOVED;
}

async function readMarked(token: string, { signatureCheckedBy }: ExpectedCaller): Promise<Read> {
  if (signatureCheckedBy === 'here') return { wrong: 'signature_removed_on_a_public_service' };
  const { decodeJwt, decodeProtectedHeader } = await import('jose');
  try {
    return decodeProtectedHeader(token).alg === ALGORITHM
      ? { claims: decodeJwt(token) }
      : { wrong: 'ERR_JOSE_ALG_NOT_ALLOWED' };
  } catch (error) {
    return { wrong: errorCode(error) };
  }
}

/** The claims of a token whose signature is Google's; they are looked at afterwards, as those of a marked one are. */
async function readSigned(token: string, keys: KeySource): Promise<Read> {
  const { compactVerify, decodeJwt } = await import('jose');
  const getKey = await keys();
  try {
    await compactVerify(token, getKey, { algorithms: [ALGORITHM] });
    return { claims: decodeJwt(token) };
  } catch (error) {
    // Only the code goes on: jose's words may quote the token.
    if (FAULTS_OF_THE_TOKEN.test(errorCode(error))) return { wrong: errorCode(error) };
    throw new RetryableError(
      'key_server_unreachable',
      `The keys of Google could not be fetched (${errorMessage(error)})`,
      { cause: error },
    );
  }
}

/** Undefined when every claim is as it must be, otherwise the name of the first that is not. */
function wrongClaim(
  { iss, aud, email, email_verified: emailVerified, exp, iat, nbf }: JWTPayload,
  expected: ExpectedCaller,
  nowSeconds: number,
): string | undefined {
  if (iss === undefined || !ISSUERS.includes(iss)) return 'iss';
  if (aud !== expected.audience) return 'aud';
  if (email !== expected.serviceAccount) return 'email';
  if (emailVerified !== true) return 'email_verified';
  if (typeof exp !== 'number' || exp <= nowSeconds - CLOCK_TOLERANCE_SECONDS) return 'exp';
  if (typeof iat !== 'number' || iat > nowSeconds + CLOCK_TOLERANCE_SECONDS) return 'iat';
  if (exp - iat > LONGEST_LIFE_SECONDS) return 'lifetime';
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= nowSeconds + CLOCK_TOLERANCE_SECONDS)) return 'nbf';
  return undefined;
}

function refusal(wrong: string, log: Logger): HttpError {
  log.warn({ wrong }, 'a call of a push endpoint was refused: its identity token is not that of the expected caller');
  return new HttpError('unauthorized', 'A valid identity token of the expected caller is required');
}
