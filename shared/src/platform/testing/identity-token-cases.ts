import {
  createTestKey,
  signToken,
  signTokenAs,
  tokenSignedWithPublicKey,
  unsignedToken,
  withoutSignature,
  type Claims,
  type TestKey,
} from './identity-tokens.ts';

/** What a caller puts into its Authorization headers, and where it is let in. */
export interface TokenCase {
  readonly name: string;
  readonly authorization: readonly string[];
  /** Where this process checks the signature, and where Cloud Run has checked it. */
  readonly accepted: { readonly here: boolean; readonly platform: boolean };
}

interface Expected {
  readonly serviceAccount: string;
  readonly audience: string;
}

/** Good and false tokens of every kind that is known; `key` is the only one that the key server shows. */
export function tokenCases(
  key: TestKey,
  { serviceAccount, audience }: Expected,
  nowSeconds: number,
): readonly TokenCase[] {
  const good: Claims = {
    iss: 'https://accounts.google.com',
    aud: audience,
    email: serviceAccount,
    email_verified: true,
    iat: nowSeconds,
    exp: nowSeconds + 3_600,
    sub: '1',
    azp: '1',
  };
  const token = signToken(key, good);
  const [header = '', claims = '', signature = ''] = token.split('.');
  const stranger = createTestKey(key.id);
  const bearer = (name: string, text: string, accepted = NOWHERE): TokenCase => ({
    name,
    authorization: [`Bearer ${text}`],
    accepted,
  });
  const wrongClaims = Object.entries({
    'another audience': { aud: 'https://other.example' },
    'a list of audiences': { aud: [audience] },
    'no audience': { aud: undefined },
    'the e-mail of another account': { email: `x${serviceAccount}` },
    'no e-mail': { email: undefined },
    'an e-mail that is not verified': { email_verified: false },
    'an e-mail that is verified in words only': { email_verified: 'true' },
    'another issuer': { iss: 'https://accounts.example.com' },
    'an issuer that only starts like it': { iss: 'https://accounts.google.com.example' },
    'no issuer': { iss: undefined },
    'a time of expiry that has passed': { iat: nowSeconds - 3_700, exp: nowSeconds - 60 },
    'no time of expiry': { exp: undefined },
    'a time of expiry in words': { exp: String(nowSeconds + 3_600) },
    'a life of a week': { exp: nowSeconds + 7 * 24 * 3_600 },
    'a time of issue in the future': { iat: nowSeconds + 120 },
    'no time of issue': { iat: undefined },
    'a time before which it is not valid': { nbf: nowSeconds + 120 },
  });
  return [
    bearer('a good token', token, EVERYWHERE),
    bearer('a good token with the short issuer', signToken(key, { ...good, iss: 'accounts.google.com' }), EVERYWHERE),
    bearer(
      'a good token of a clock that is a little ahead',
      signToken(key, { ...good, iat: nowSeconds + 10 }),
      EVERYWHERE,
    ),
    { name: 'a good token with a small b', authorization: [`bearer ${token}`], accepted: EVERYWHERE },
    bearer('a good token whose signature was removed', withoutSignature(token), BEHIND_PLATFORM),
    ...wrongClaims.flatMap(([what, wrong]) => [
      bearer(`a signed token with ${what}`, signToken(key, { ...good, ...wrong })),
      bearer(
        `a token whose signature was removed, with ${what}`,
        withoutSignature(signToken(key, { ...good, ...wrong })),
      ),
    ]),
    bearer('algorithm none', unsignedToken(key.id, good)),
    bearer('algorithm none with the marker', withoutSignature(unsignedToken(key.id, good))),
    bearer('HS256 with the public key as secret', tokenSignedWithPublicKey(key, good)),
    bearer('HS256 with the marker', withoutSignature(tokenSignedWithPublicKey(key, good))),
    bearer('RS512 in the header', signTokenAs({ alg: 'RS512', kid: key.id }, key, good)),
    bearer(
      'a header that brings its own key',
      signTokenAs({ alg: 'RS256', jwk: { kty: 'RSA' }, jku: 'https://keys.example' }, stranger, good),
    ),
    bearer(
      'a critical extension that nobody knows',
      signTokenAs({ alg: 'RS256', kid: key.id, crit: ['x'], x: 1 }, key, good),
    ),
    bearer('an unknown key id', signToken({ ...key, id: 'unknown' }, good)),
    bearer('a key id that is a name of every object', signToken({ ...key, id: '__proto__' }, good)),
    bearer("somebody else's key under the known id", signToken(stranger, good)),
    bearer(
      'claims that were changed after signing',
      `${header}.${Buffer.from(JSON.stringify({ ...good, sub: '2' })).toString('base64url')}.${signature}`,
    ),
    bearer('half a signature', `${header}.${claims}.${signature.slice(0, 40)}`),
    bearer('a marker in small letters', `${header}.${claims}.signature_removed_by_google`),
    bearer('more than the marker', `${header}.${claims}.SIGNATURE_REMOVED_BY_GOOGLE2`),
    bearer('the marker before the signature', `${header}.${claims}.SIGNATURE_REMOVED_BY_GOOGLE.${signature}`),
    bearer('the marker on a header that is no JSON', `!!!.${claims}.SIGNATURE_REMOVED_BY_GOOGLE`),
    bearer(
      'the marker on claims that are no object',
      `${header}.${Buffer.from('"x"').toString('base64url')}.SIGNATURE_REMOVED_BY_GOOGLE`,
    ),
    bearer('four parts', `${token}.x`),
    bearer('empty objects', 'e30.e30.e30'),
    bearer('no token at all', 'not-a-token'),
    { name: 'no Authorization header', authorization: [], accepted: NOWHERE },
    { name: 'an empty Authorization header', authorization: [''], accepted: NOWHERE },
    { name: 'another scheme', authorization: [`Basic ${token}`], accepted: NOWHERE },
    {
      name: 'two Authorization headers, the first one good',
      authorization: [`Bearer ${token}`, 'Bearer x'],
      accepted: NOWHERE,
    },
    {
      name: 'two Authorization headers, the second one good',
      authorization: ['Bearer x', `Bearer ${token}`],
      accepted: NOWHERE,
    },
    { name: 'two good tokens in one header', authorization: [`Bearer ${token}, Bearer ${token}`], accepted: NOWHERE },
  ];
}

const EVERYWHERE = { here: true, platform: true };
const BEHIND_PLATFORM = { here: false, platform: true };
const NOWHERE = { here: false, platform: false };
