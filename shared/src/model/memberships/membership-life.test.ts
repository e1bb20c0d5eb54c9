import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { effectsDone } from './due-times.ts';
import type { Effect } from './membership-effect.ts';
import { belongsInside, isEnded, type Membership } from './membership.ts';
import { isVoid } from './purchase-grants.ts';
import type { MembershipRules } from './standing.ts';
import { stepped } from './steps.ts';
import { coveredNaively } from './testing/naive-fold.ts';
import { DAY_MS, iso, move, settle, someRules, unborn, type Lived, type NamedMove } from './testing/random-life.ts';

const moves = fc.array(move, { maxLength: 30 });

/** Each state on the way, with the one before. */
function live(
  history: readonly NamedMove[],
  rules: MembershipRules,
  look: (after: Lived, before: Lived, by: NamedMove) => void = () => undefined,
): Lived {
  return history.reduce((before, by) => {
    const after = by.of(before, rules);
    look(after, before, by);
    return after;
  }, unborn);
}

/** Where it stands by the grants and the times alone, counted by hand. */
function standsNaively({ known, grants, nowMs }: Lived, rules: MembershipRules): 'open' | 'grace' | 'ended' {
  const { revokedAt = '', cancelledAt } = known;
  if (grants.length === 0 && revokedAt === '') return 'open';
  const counts = grants.filter((grant) => !isVoid(grant) && grant.from > revokedAt);
  const { startsAt, endsAt } = coveredNaively(
    counts.map(({ grantId, from, period, endsAt }) => ({ grantId, from, period, endsAt })),
    rules.timeZone,
  );
  if (startsAt === undefined) return 'ended';
  if (endsAt === undefined || iso(nowMs) < endsAt) return 'open';
  const taken = grants.flatMap(({ refunds = [] }) => refunds.map(({ at }) => at)).concat(revokedAt);
  if (taken.some((at) => at > endsAt) || cancelledAt !== undefined || rules.grace === undefined) return 'ended';
  return nowMs < Date.parse(endsAt) + 3 * DAY_MS ? 'grace' : 'ended';
}

test('property: after each step it stands as its grants and the time say, whatever came in whatever order', () => {
  fc.assert(
    fc.property(moves, someRules, (history, rules) => {
      live(history, rules, (after) => {
        const { state } = stepped(after.known, rules, after.nowMs);
        const stands = state === 'pending' || state === 'active' ? 'open' : state;
        expect(stands === 'expired' || stands === 'revoked' ? 'ended' : stands).toBe(standsNaively(after, rules));
      });
    }),
    { numRuns: 1_000 },
  );
});

test('property: nobody is to be removed who belongs inside, is exempt, is out, or was not let in by us', () => {
  fc.assert(
    fc.property(moves, someRules, (history, rules) => {
      live(history, rules, ({ known }) => {
        const { removal, removalState, removalSince, endedAt } = isEnded(known) ? known : withoutEnd(known);
        expect([removalState, removalSince]).toEqual([removal?.state, removal?.since]);
        expect(endedAt !== undefined).toBe(isEnded(known));
        if (removal === undefined) return;
        expect([belongsInside(known), known.exempt, known.isAdmitted]).toEqual([false, false, true]);
        expect(known.telegramUserId).toBeDefined();
        expect(removal.state === 'done').toBe(known.presence === 'outside');
        if (rules.removal !== 'on') expect(['dry_run', 'done', 'impossible']).toContain(removal.state);
      });
    }),
    { numRuns: 1_000 },
  );
});

interface NoEnd {
  readonly endedAt?: undefined;
  readonly removal?: undefined;
  readonly removalState?: undefined;
  readonly removalSince?: undefined;
}

function withoutEnd(known: Membership): NoEnd {
  return known as NoEnd;
}

test('property: all that it brings about is stored with the change, has a number of its own, and stays until it is done', () => {
  fc.assert(
    fc.property(moves, someRules, (history, rules) => {
      live(history, rules, ({ known, done }, before) => {
        const all = [...done, ...known.effects];
        expect(all.slice(0, before.done.length + before.known.effects.length)).toEqual([
          ...before.done,
          ...before.known.effects,
        ]);
        const numbers = all.flatMap((effect) => ('generation' in effect ? [effect.generation] : []));
        const first = unborn.known.eventCount + 1;
        expect(numbers).toEqual(numbers.map((_, index) => first + index));
        expect(known.eventCount).toBe(unborn.known.eventCount + numbers.length);
        // A tick finds what a crash left.
        if (known.effects.length > 0) expect(known.dueAt).toBeDefined();
        // A store gives fields in any order.
        const stored = known.effects.map((effect) => Object.fromEntries(Object.entries(effect).reverse()) as Effect);
        expect(effectsDone(known, stored, rules, 0).effects).toEqual([]);
      });
    }),
    { numRuns: 1_000 },
  );
});

test('property: nothing happens by itself before it is due, and nothing twice', () => {
  fc.assert(
    fc.property(moves, someRules, fc.double({ min: 0, max: 1, noNaN: true }), (history, rules, share) => {
      const lived = live(history, rules);
      const now = stepped(lived.known, rules, lived.nowMs);
      const { known } = settle({ ...lived, known: now }, rules);
      expect(stepped(known, rules, lived.nowMs)).toBe(known);
      const dueMs = known.dueAt === undefined ? lived.nowMs + 10_000 * DAY_MS : Date.parse(known.dueAt);
      if (dueMs <= lived.nowMs) return;
      const before = Math.min(dueMs - 1, Math.floor(lived.nowMs + (dueMs - lived.nowMs) * share));
      expect(stepped(known, rules, before)).toBe(known);
    }),
    { numRuns: 1_000 },
  );
});

test('property: a tick that comes late leads to where ticks in time do, and tells no more', () => {
  fc.assert(
    fc.property(moves, someRules, fc.integer({ min: 1, max: 90 }), (history, rules, days) => {
      const lived = settle(live(history, rules), rules);
      const untilMs = lived.nowMs + days * DAY_MS;
      const late = stepped(lived.known, rules, untilMs);
      let { known } = lived;
      const told: Effect[] = [];
      for (let count = 0; known.dueAt !== undefined && Date.parse(known.dueAt) <= untilMs; count += 1) {
        const dueMs = Math.max(lived.nowMs, Date.parse(known.dueAt));
        const next = stepped(known, rules, dueMs);
        // Data that is to be erased, and removals that nobody answers, stay due.
        if (next === known || count > 5) break;
        told.push(...next.effects);
        known = effectsDone(next, next.effects, rules, dueMs);
      }
      known = stepped(known, rules, untilMs);
      expect([late.state, isEnded(late) && late.endedAt]).toEqual([known.state, isEnded(known) && known.endedAt]);
      const typesOf = (effects: readonly Effect[]): string[] =>
        effects.flatMap((effect) => (effect.kind === 'publish' ? [effect.type] : []));
      const inTime = typesOf([...told, ...known.effects]);
      for (const type of typesOf(late.effects)) expect(inTime).toContain(type);
    }),
    { numRuns: 1_000 },
  );
});

const ENDS = new Set(['MembershipExpired', 'MembershipRevoked']);
const BEGINS = new Set(['MembershipStarted', 'MembershipRenewed']);

test('property: what is told makes sense: one start, no reminder after grace or end, each end once until it begins anew', () => {
  fc.assert(
    fc.property(moves, someRules, (history, rules) => {
      const told = settle(live(history, rules), rules).done.flatMap((effect) =>
        effect.kind === 'publish' ? [effect] : [],
      );
      let stands: 'unborn' | 'open' | 'grace' | 'ended' = 'unborn';
      const reminders = new Map<string, number>();
      for (const { type, facts, time } of told) {
        if (type === 'MembershipStarted') expect(stands).toBe('unborn');
        if (type === 'MembershipRenewed') expect(stands).not.toBe('unborn');
        if (BEGINS.has(type)) stands = 'open';
        if (type === 'MembershipExpiring') {
          const end = facts.endsAt ?? '';
          expect(stands).toBe('open');
          expect(time < end).toBe(true);
          reminders.set(end, (reminders.get(end) ?? 0) + 1);
        }
        if (type === 'MembershipGraceStarted') {
          expect(['open', 'ended']).toContain(stands);
          stands = 'grace';
        }
        if (ENDS.has(type)) {
          expect(['open', 'grace']).toContain(stands);
          stands = 'ended';
        }
      }
      for (const count of reminders.values()) expect(count).toBeLessThanOrEqual(rules.reminders?.length ?? 0);
    }),
    { numRuns: 1_000 },
  );
});
