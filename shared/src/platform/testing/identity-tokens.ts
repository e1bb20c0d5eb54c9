import { createHmac, createPublicKey, createSign, generateKeyPairSync } from 'node:crypto';

/** A key pair of a test's own Google, and its public half as the key server would show it. */
export interface TestKey {
  readonly id: string;
  readonly privatePem: string;
  readonly publicPem: string;
}

export function createTestKey(id: string): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    id,
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

export type Claims = Readonly<Record<string, unknown>>;

/** A token as Google signs it. */
export function signToken(key: TestKey, claims: Claims): string {
  return signTokenAs({ alg: 'RS256', kid: key.id, typ: 'JWT' }, key, claims);
}

/** What the key server shows for these keys (RFC 7517). */
export function jwksOf(...keys: readonly TestKey[]): object {
  return {
    keys: keys.map(({ id, publicPem }) => ({
      ...createPublicKey(publicPem).export({ format: 'jwk' }),
      kid: id,
      alg: 'RS256',
      use: 'sig',
    })),
  };
}

/** The same token as Cloud Run hands it on once it has checked the caller itself. */
export function withoutSignature(token: string): string {
  return `${token.slice(0, token.lastIndexOf('.'))}.SIGNATURE_REMOVED_BY_GOOGLE`;
}

/** A token that says it is not signed. */
export function unsignedToken(keyId: string, claims: Claims): string {
  return `${signingInput({ alg: 'none', kid: keyId, typ: 'JWT' }, claims)}.`;
}

/** The forgery that takes the public key, which everybody has, for a shared secret. */
export function tokenSignedWithPublicKey(key: TestKey, claims: Claims): string {
  const signed = signingInput({ alg: 'HS256', kid: key.id, typ: 'JWT' }, claims);
  return `${signed}.${createHmac('sha256', key.publicPem).update(signed).digest('base64url')}`;
}

/** Signed with another algorithm, key or header than Google's. */
export function signTokenAs(header: Claims, key: TestKey, claims: Claims): string {
  const signed = signingInput(header, claims);
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key.privatePem, 'base64url')}`;
}

function signingInput(header: Claims, claims: Claims): string {
  return [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
}
