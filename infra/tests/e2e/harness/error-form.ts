import { expect } from '@jest/globals';
import type { Answer } from './http.ts';
import { statusOfCode } from './wire.ts';

/** Part of every hostile input here, so that an echo of it shows. */
export const MARK = 'eChO-mArK';

/**
 * Holds a refusal against the form of the contract: exactly these fields, no stack, no echo. Returns the paths of its
 * issues.
 */
export function expectRefusal(answer: Answer, code: string): readonly string[] {
  expect(answer).toMatchObject({
    status: statusOfCode[code],
    headers: { 'content-type': expect.stringMatching(/^application\/json/) },
  });
  const body = answer.json as {
    ok: unknown;
    error: { code: unknown; message: unknown; issues?: { path: string; message: string }[] };
  };
  expect(Object.keys(body).sort()).toEqual(['error', 'ok']);
  expect(body).toMatchObject({ ok: false, error: { code, message: expect.stringMatching(/\S/) } });
  expect(
    Object.keys(body.error)
      .filter((field) => field !== 'issues')
      .sort(),
  ).toEqual(['code', 'message']);
  for (const issue of body.error.issues ?? []) {
    expect(Object.keys(issue).sort()).toEqual(['message', 'path']);
    expect(issue.message).toMatch(/\S/);
  }
  expectSaysNothingInternal(answer.text);
  return (body.error.issues ?? []).map(({ path }) => path);
}

export function expectSaysNothingInternal(text: string): void {
  expect(text).not.toContain(MARK);
  expect(text).not.toMatch(/node_modules|\.ts:\d+|\bat \S+ \(|SQLITE|SyntaxError|TypeError|__proto__/);
}
