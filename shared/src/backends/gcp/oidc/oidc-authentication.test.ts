import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../lifecycle/system-clock.ts';
import { createLogger } from '../../../log/logger.ts';
import { createTestKey, signToken, tokenSignedWithPublicKey, unsignedToken, type Claims, type TestKey } from '../../../testing/identity-tokens.ts';
import { startScriptedServer, type ScriptedServer } from '../../../testing/scripted-server.ts';
import { googleCertificates } from './google-certificates.ts';
import { oidcAuthentication } from './oidc-authentication.ts';

const CALLER = { serviceAccount: 'pusher@project.iam.gserviceaccount.com', audience: 'https://service.example' };
const nowSeconds = Math.floor(Date.now() / 1_000);
const GOOD: Claims = {
  iss: 'https://accounts.google.com',
  aud: CALLER.audience,
  email: CALLER.serviceAccount,
  email_verified: true,
  iat: nowSeconds,
  exp: nowSeconds + 3_600,
  sub: '1',
};

describe('authentication by identity token', () => {
  let key: TestKey;
  let stranger: TestKey;
  let keyServer: ScriptedServer;
  let printed: string;

  beforeAll(() => {
    key = createTestKey('key-1');
    stranger = { ...createTestKey('key-1'), id: 'key-1' };
  });

  beforeEach(async () => {
    printed = '';
    keyServer = await startScriptedServer({ status: 200, body: { [key.id]: key.publicPem }, headers: { 'cache-control': 'public, max-age=3600' } });
  });

  afterEach(() => keyServer.close());

  function authenticator(): (authorization: string | undefined, more?: Readonly<Record<string, string>>) => Promise<void> {
    const log = createLogger({ level: 'debug', secrets: [], write: (line) => (printed += line) });
    const authenticate = oidcAuthentication(CALLER, { certificates: googleCertificates(keyServer.url), clock: systemClock, log });
    return async (authorization, more = {}) => authenticate({ ...more, ...(authorization === undefined ? {} : { authorization }) });
  }

  test('a token of the expected caller is accepted, and the keys are fetched once', async () => {
    const authenticate = authenticator();
    await Promise.all([authenticate(`Bearer ${signToken(key, GOOD)}`), authenticate(`bearer ${signToken(key, { ...GOOD, iss: 'accounts.google.com' })}`)]);
    await authenticate(`Bearer ${signToken(key, { ...GOOD, iat: nowSeconds + 10 })}`);
    expect(keyServer.requests).toHaveLength(1);
    expect(printed).toBe('');
  });

  test.each<[string, Claims]>([
    ['another audience', { ...GOOD, aud: 'https://other.example' }],
    ['a list of audiences', { ...GOOD, aud: [CALLER.audience] }],
    ['no audience', { ...GOOD, aud: undefined }],
    ['another e-mail', { ...GOOD, email: 'somebody@project.iam.gserviceaccount.com' }],
    ['no e-mail', { ...GOOD, email: undefined }],
    ['an e-mail that is not verified', { ...GOOD, email_verified: false }],
    ['an e-mail that is verified in words only', { ...GOOD, email_verified: 'true' }],
    ['another issuer', { ...GOOD, iss: 'https://accounts.example.com' }],
    ['an issuer that only starts like it', { ...GOOD, iss: 'https://accounts.google.com.example' }],
    ['a time of expiry that has passed', { ...GOOD, iat: nowSeconds - 3_700, exp: nowSeconds - 60 }],
    ['no time of expiry', { ...GOOD, exp: undefined }],
    ['a life of a week', { ...GOOD, exp: nowSeconds + 7 * 24 * 3_600 }],
    ['a time of issue in the future', { ...GOOD, iat: nowSeconds + 120 }],
    ['no time of issue', { ...GOOD, iat: undefined }],
  ])('a token of Google with %s is refused', async (_what, claims) => {
    await expect(authenticator()(`Bearer ${signToken(key, claims)}`)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('a forged token is refused, whatever trick it uses, and is not printed', async () => {
    const authenticate = authenticator();
    const good = signToken(key, GOOD);
    const [header, , signature] = good.split('.');
    const forged = [
      unsignedToken(key.id, GOOD),
      tokenSignedWithPublicKey(key, GOOD),
      signToken({ ...key, id: 'unknown' }, GOOD),
      signToken({ ...key, id: '__proto__' }, GOOD),
      signToken(stranger, GOOD),
      `${String(header)}.${Buffer.from(JSON.stringify({ ...GOOD, sub: '2' })).toString('base64url')}.${String(signature)}`,
      `${good}.x`,
      'e30.e30.e30',
      'not-a-token',
      '',
    ];
    for (const token of forged) {
      await expect(authenticate(`Bearer ${token}`)).rejects.toMatchObject({ code: 'unauthorized' });
      if (token.length > 20) expect(printed).not.toContain(token.slice(0, 20));
    }
  });

  test('no token, or headers that only look like Cloud Tasks and Pub/Sub, are refused without asking for keys', async () => {
    const authenticate = authenticator();
    const lookalikes = { 'x-cloudtasks-taskname': 't', 'x-cloudtasks-queuename': 'q', 'x-cloudtasks-taskretrycount': '0', 'user-agent': 'Google-Cloud-Tasks' };
    for (const authorization of [undefined, 'Basic abc', 'Bearer']) {
      await expect(authenticate(authorization, lookalikes)).rejects.toMatchObject({ code: 'unauthorized' });
    }
    expect(keyServer.requests).toHaveLength(0);
  });

  test('with the key server out of reach the answer is "later", and it is asked again', async () => {
    await keyServer.close();
    keyServer = await startScriptedServer({ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 }, { status: 503 }, { status: 200, body: { [key.id]: key.publicPem } });
    const authenticate = authenticator();
    const token = `Bearer ${signToken(key, GOOD)}`;
    await expect(authenticate(token)).rejects.toMatchObject({ name: 'RetryableError' });
    await expect(authenticate(token).catch(() => authenticate(token))).resolves.toBeUndefined();
  });
});
