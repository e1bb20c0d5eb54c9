import type { OAuth2Client, TokenPayload } from 'google-auth-library';
import { HttpError } from '../../../http/http-error.ts';
import type { Authenticate } from '../../../http/route.ts';
import type { Logger } from '../../../log/logger.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Certificates, CertificateSource } from './google-certificates.ts';

/** The caller that a push endpoint is for. */
export interface ExpectedCaller {
  /** E-mail of the service account that signs. */
  readonly serviceAccount: string;
  readonly audience: string;
}

/** Google writes either (https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions#payload). */
const ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];

/** Between two clocks that are both kept by NTP. The library itself would grant five minutes. */
const CLOCK_TOLERANCE_SECONDS = 30;

const TOKEN = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

/**
 * Accepts calls that carry an identity token of Google for exactly this caller: signature, issuer, audience, e-mail and times
 * are all checked, and no other header counts. Refused calls get 401, and the log says why; 503 when the keys of Google cannot be had.
 */
export function oidcAuthentication(
  expected: ExpectedCaller,
  deps: { readonly certificates: CertificateSource; readonly clock: Clock; readonly log: Logger },
): Authenticate {
  const verifier = openVerifier();
  return async (headers) => {
    const token = TOKEN.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) throw refusal('no_token', deps.log);
    // Before the token is looked at: without keys nobody can say anything about it. A RetryableError becomes 503.
    const certificates = await deps.certificates();
    const claims = await verifySignature(await verifier(), token, certificates, deps.log);
    const wrong = wrongClaim(claims, expected, deps.clock.now() / 1_000);
    if (wrong !== undefined) throw refusal(wrong, deps.log);
  };
}

async function verifySignature(verifier: OAuth2Client, token: string, certificates: Certificates, log: Logger): Promise<TokenPayload> {
  if (algorithmOf(token) !== 'RS256') throw refusal('algorithm', log);
  try {
    const ticket = await verifier.verifySignedJwtWithCertsAsync(token, certificates, undefined, ISSUERS);
    return ticket.getPayload() ?? ({} as TokenPayload);
  } catch {
    // The library's own messages quote the token, which a log must not hold.
    throw refusal('signature_issuer_or_lifetime', log);
  }
}

/** Undefined when every claim is as it must be, otherwise the name of the first that is not. */
function wrongClaim(claims: Partial<TokenPayload>, expected: ExpectedCaller, nowSeconds: number): string | undefined {
  if (claims.iss === undefined || !ISSUERS.includes(claims.iss)) return 'iss';
  if (claims.aud !== expected.audience) return 'aud';
  if (claims.email !== expected.serviceAccount) return 'email';
  if (claims.email_verified !== true) return 'email_verified';
  if (typeof claims.exp !== 'number' || claims.exp <= nowSeconds - CLOCK_TOLERANCE_SECONDS) return 'exp';
  if (typeof claims.iat !== 'number' || claims.iat > nowSeconds + CLOCK_TOLERANCE_SECONDS) return 'iat';
  return undefined;
}

function algorithmOf(token: string): unknown {
  try {
    const header = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString()) as { alg?: unknown } | null;
    return header?.alg;
  } catch {
    return undefined;
  }
}

function refusal(wrong: string, log: Logger): HttpError {
  log.warn({ wrong }, 'a call of a push endpoint was refused: its identity token is not that of the expected caller');
  return new HttpError('unauthorized', 'A valid identity token of the expected caller is required');
}

// Loaded with the first call that has a token.
function openVerifier(): () => Promise<OAuth2Client> {
  let verifier: Promise<OAuth2Client> | undefined;
  return () => {
    verifier ??= import('google-auth-library').then(({ OAuth2Client: Client }) => new Client());
    return verifier;
  };
}
