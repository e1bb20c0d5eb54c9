import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';

/** A key pair of a test's own Google, and its public half as the key server would show it. */
export interface TestKey {
  readonly id: string;
  readonly privatePem: string;
  readonly publicPem: string;
}

export function createTestKey(id: string): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { id, privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

export type Claims = Readonly<Record<string, unknown>>;

/** A token as Google signs it. */
export function signToken(key: TestKey, claims: Claims): string {
  const signed = signingInput({ alg: 'RS256', kid: key.id, typ: 'JWT' }, claims);
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key.privatePem, 'base64url')}`;
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

function signingInput(header: Claims, claims: Claims): string {
  return [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
}
