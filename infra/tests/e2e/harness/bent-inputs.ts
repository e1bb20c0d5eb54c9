import { topology } from '@paid-community/shared/topology.ts';
import { REQUEST } from '@paid-community/intake-service/operator/testing/open-operator.ts';

// What an operator's input may hold that nobody means to send.

export type Random = () => number;
export const pick = <T>(items: readonly T[], random: Random): T =>
  items[Math.floor(random() * items.length)] ?? (items[0] as T);

const TEXTS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '..',
  '../x',
  'a/b',
  '%00',
  '%',
  '-1',
  '0',
  '1e400',
  'NaN',
  'null',
  'true',
  '__proto__',
  'x'.repeat(5_000),
  '😀'.repeat(400),
  '漢'.repeat(600),
  '2026-02-30T00:00:00.000Z',
  '2025-12-31T24:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
  '0000-01-01T00:00:00.000Z',
  '2025-12-31T10:00:00.000Z',
  '2026-01-01T00:00:00.000Z',
  ...[...topology.subscriptions, ...topology.queues].map(({ name }) => name),
  'r1',
  'known',
  REQUEST.requestId,
  'open',
  'failed',
  'waiting',
  'txn-1',
  'user-1',
  '77',
  'https://t.me/+first',
  'tg://join?invite=x',
];
export const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1,
  50,
  201,
  2 ** 53,
  -(2 ** 31),
  1e308,
  [],
  [null],
  [''],
  ['r1', 'a/b', '\ud800'],
  {},
  { a: { b: [] } },
  ...TEXTS,
];

/** A cursor that was given, with something in it bent; or no cursor at all. */
export function bentCursor(given: readonly string[], random: Random): string {
  if (given.length === 0 || random() < 0.2) return pick(TEXTS, random);
  const cursor = pick(given, random);
  if (random() < 0.1) return cursor;
  if (random() < 0.3) return cursor.slice(0, Math.floor(random() * cursor.length)) + pick(['', 'A', '_', '='], random);
  return Buffer.from(JSON.stringify(bend(JSON.parse(Buffer.from(cursor, 'base64url').toString()), random))).toString(
    'base64url',
  );
}

function bend(value: unknown, random: Random): unknown {
  if (typeof value === 'string' && value.startsWith('ey') && random() < 0.5)
    return Buffer.from(JSON.stringify(bend(JSON.parse(Buffer.from(value, 'base64url').toString()), random))).toString(
      'base64url',
    );
  if (typeof value !== 'object' || value === null) return pick(VALUES, random);
  const copy = structuredClone(value) as Record<string, unknown>;
  const name = pick(Object.keys(copy), random);
  if (random() < 0.2) Reflect.deleteProperty(copy, name);
  else copy[name] = bend(copy[name], random);
  return copy;
}
