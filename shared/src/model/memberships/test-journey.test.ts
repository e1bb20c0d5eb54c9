import { expect, test } from '@jest/globals';
import { effectsDone, isToBeErased } from './due-times.ts';
import { removalAnswered } from './account-life.ts';
import { stepped } from './steps.ts';
import type { MembershipRules } from './standing.ts';
import { boughtMembership } from './testing/bought-membership.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 1);
const END_MS = START_MS + 2 * 60_000;

/** What the community wants of everybody else. */
const rules: MembershipRules = { timeZone: 'UTC', removal: 'off', grace: 'P3D', reminders: [], eraseAfter: 'P1Y' };
const bought = { userId: 'u', period: 'PT2M' };

test('a test journey ends at its end, is removed and leaves nothing, whatever the community wants', () => {
  const ended = stepped(boughtMembership({ ...bought, test: true }, rules, START_MS), rules, END_MS);
  expect(ended).toMatchObject({ state: 'expired', removalState: 'due' });
  expect(isToBeErased(ended, rules, END_MS)).toBe(false);
  const outMs = END_MS + 1_000;
  const out = removalAnswered(ended, { telegramUserId: 'tg-u', at: new Date(outMs).toISOString() }, rules, outMs);
  const settled = effectsDone(out, out.effects, rules, outMs);
  expect(isToBeErased(settled, rules, outMs)).toBe(true);
  expect(settled.dueAt).toBe(new Date(END_MS).toISOString());
});

test('everybody else has the grace, stays, and is kept', () => {
  const known = boughtMembership(bought, rules, START_MS);
  expect(stepped(known, rules, END_MS)).toMatchObject({ state: 'grace' });
  const ended = stepped(known, rules, END_MS + 4 * DAY_MS);
  expect([ended.state, 'removal' in ended ? ended.removal : undefined]).toEqual(['expired', undefined]);
  expect(isToBeErased(ended, rules, END_MS + 5 * DAY_MS)).toBe(false);
});
