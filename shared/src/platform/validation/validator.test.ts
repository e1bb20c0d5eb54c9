import { describe, expect, test } from '@jest/globals';
import { Type } from 'typebox';
import { compileValidator, summarizeIssues, type Issue } from './validator.ts';

const KIBS_64 = 64 * 1_024;

function issuesOf(
  result: { readonly valid: true } | { readonly valid: false; readonly issues: readonly Issue[] },
): readonly Issue[] {
  return result.valid ? [] : result.issues;
}

const strict = compileValidator(Type.Object({ userId: Type.String() }, { additionalProperties: false }));
const texts = compileValidator(Type.Record(Type.String(), Type.String()));
const list = compileValidator(Type.Array(Type.Object({ a: Type.String(), b: Type.Integer() })));

const numbered = (length: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length }, (_, index) => [`k${index}`, index]));

test.each<[string, readonly Issue[], number]>([
  ['unknown fields', issuesOf(strict({ userId: 'u', ...numbered(6_000) })), 6_000],
  ['values of the wrong type', issuesOf(texts(numbered(6_000))), 6_000],
  ['elements of the wrong form', issuesOf(list(Array.from({ length: 3_000 }, () => ({ b: 'x' })))), 6_000],
])('of thousands of %s the first 20 are told, and how many more there are', (_what, issues, count) => {
  expect(issues).toHaveLength(21);
  expect(issues.at(-1)).toEqual({ path: '', message: `has ${count - 20} more issues; the first 20 are listed` });
  expect(summarizeIssues(issues).length).toBeLessThan(4_000);
});

test('of 20 issues all are told, and nothing else', () => {
  expect(issuesOf(strict({ userId: 'u', ...numbered(20) }))).toHaveLength(20);
});

test('a name that the sender chose is told in part', () => {
  const [issue] = issuesOf(texts({ ['x'.repeat(KIBS_64)]: 1 }));
  expect(issue).toEqual({ path: `/${'x'.repeat(199)}…`, message: 'must be string' });
});

describe('texts of a query', () => {
  const query = compileValidator(
    Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
      all: Type.Optional(Type.Boolean()),
      name: Type.Optional(Type.String()),
    }),
    { texts: true },
  );

  test('are numbers and booleans where the schema asks for them', () => {
    expect(query({ limit: '20', all: 'true', name: '20' })).toEqual({
      valid: true,
      value: { limit: 20, all: true, name: '20' },
    });
  });

  test.each([
    'Infinity',
    '-Infinity',
    '1e999',
    '1e2',
    '0x10',
    'NaN',
    '',
    ' 5 ',
    '5.0',
    '1.5',
    '５',
    '+5',
    'null',
    'true',
    '201',
    '0',
    '-1',
    '9007199254740993',
  ])('%j is no limit', (limit) => {
    expect(query({ limit }).valid).toBe(false);
  });

  test.each(['1', '0', 'yes', 'TRUE', ''])('%j is no boolean', (all) => {
    expect(query({ all }).valid).toBe(false);
  });
});
