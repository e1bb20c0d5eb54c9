import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LIFETIME } from '../plans/plan.ts';
import { foldGrants } from './covered-time.ts';
import type { Grant } from './grant.ts';
import { coveredNaively, type NaiveGrant } from './testing/naive-fold.ts';

const grantOf = ({ grantId, from, period, endsAt }: NaiveGrant): Grant => ({
  grantId,
  kind: 'purchase',
  membershipId: 'm',
  communityId: 'gold',
  userId: 'u',
  transactionId: '',
  period,
  endsAt,
  from,
  createdAt: from,
});

/** From when until when, of purchases of these periods at these times. */
function covered(timeZone: string, ...bought: readonly (readonly [from: string, period: string])[]): unknown {
  const grants = bought.map(([from, period], index) =>
    grantOf({ grantId: String(index), from: new Date(from).toISOString(), period, endsAt: undefined }),
  );
  const { startsAt, endsAt } = foldGrants(grants, undefined, { timeZone }).covered ?? {};
  return [startsAt, endsAt];
}

describe('a month', () => {
  test('from the 31st ends at the end of a shorter month, and the next one on the 31st again', () => {
    const bought = ['2026-01-31T10:00:00.000Z', 'P1M'] as const;
    expect(covered('UTC', bought)).toEqual([bought[0], '2026-02-28T10:00:00.000Z']);
    expect(covered('UTC', bought, ['2026-02-10', 'P1M'])).toEqual([bought[0], '2026-03-31T10:00:00.000Z']);
    expect(covered('UTC', bought, ['2026-02-10', 'P1M'], ['2026-03-01', 'P1M'])).toEqual([
      bought[0],
      '2026-04-30T10:00:00.000Z',
    ]);
  });

  test('of a leap year has 29 days in February, and a year from the 29th ends on the 28th', () => {
    expect(covered('UTC', ['2028-01-31T10:00:00.000Z', 'P1M'])).toEqual([
      '2028-01-31T10:00:00.000Z',
      '2028-02-29T10:00:00.000Z',
    ]);
    const leap = ['2028-02-29T10:00:00.000Z', 'P1Y'] as const;
    expect(covered('UTC', leap)).toEqual([leap[0], '2029-02-28T10:00:00.000Z']);
    const four = [leap, leap, leap, leap];
    expect(covered('UTC', ...four)).toEqual([leap[0], '2032-02-29T10:00:00.000Z']);
  });

  test('ends at the same hour of the community, across both changes of its clock', () => {
    // Berlin: +01:00 until 29 March 2026, +02:00 until 25 October.
    expect(covered('Europe/Berlin', ['2026-03-15T10:00:00.000Z', 'P1M'])).toEqual([
      '2026-03-15T10:00:00.000Z',
      '2026-04-15T09:00:00.000Z',
    ]);
    expect(covered('Europe/Berlin', ['2026-10-15T10:00:00.000Z', 'P30D'])).toEqual([
      '2026-10-15T10:00:00.000Z',
      '2026-11-14T11:00:00.000Z',
    ]);
  });

  test('that would end in the hour that the clock leaves out ends an hour later, and once in the hour that comes twice', () => {
    // 02:30 in Berlin, which 29 March 2026 does not have, and 25 October has twice.
    expect(covered('Europe/Berlin', ['2026-02-28T01:30:00.000Z', 'P29D'])).toEqual([
      '2026-02-28T01:30:00.000Z',
      '2026-03-29T01:30:00.000Z',
    ]);
    expect(covered('Europe/Berlin', ['2026-09-25T00:30:00.000Z', 'P1M'])).toEqual([
      '2026-09-25T00:30:00.000Z',
      '2026-10-25T00:30:00.000Z',
    ]);
  });
});

describe('a renewal', () => {
  test('before the end starts at the end, and after it when it was bought', () => {
    const bought = ['2026-01-01T00:00:00.000Z', 'P30D'] as const;
    expect(covered('UTC', bought, ['2026-01-30', 'P30D'])).toEqual([bought[0], '2026-03-02T00:00:00.000Z']);
    expect(covered('UTC', bought, ['2026-02-10', 'P30D'])).toEqual([
      '2026-02-10T00:00:00.000Z',
      '2026-03-12T00:00:00.000Z',
    ]);
  });

  test('of a lifetime adds nothing to it', () => {
    const lifetime = ['2026-01-01T00:00:00.000Z', LIFETIME] as const;
    expect(covered('UTC', lifetime, ['2026-02-10', 'P30D'])).toEqual([lifetime[0], undefined]);
  });

  test('with a period that no calendar holds has no end', () => {
    expect(covered('UTC', ['2026-01-01T00:00:00.000Z', 'P9000Y'])).toEqual(['2026-01-01T00:00:00.000Z', undefined]);
    expect(covered('UTC', ['2026-01-01T00:00:00.000Z', 'P999999Y'])).toEqual(['2026-01-01T00:00:00.000Z', undefined]);
  });

  test('that was over when it was given neither shortens nor begins anything', () => {
    const monthly = grantOf({ grantId: 'a', from: '2026-01-01T00:00:00.000Z', period: 'P30D', endsAt: undefined });
    const late = grantOf({
      grantId: 'b',
      from: '2026-03-01T00:00:00.000Z',
      period: undefined,
      endsAt: '2026-01-20T00:00:00.000Z',
    });
    expect(foldGrants([late, monthly], undefined, { timeZone: 'UTC' }).covered).toMatchObject({
      endsAt: '2026-01-31T00:00:00.000Z',
      last: monthly,
    });
  });
});

const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe');
const period = fc.constantFrom('P1M', 'P3M', 'P1Y', 'P30D', 'P1W', 'P1D', 'PT90S', 'PT36H', 'P1M15D', LIFETIME);
const shortPeriod = fc.constantFrom('P1M', 'P1M', 'P30D', 'P7D', 'P1D', 'PT12H');
/** Within 14 months around changes of the clock, month ends and a 29 February; often at the very same moment. */
const time = fc
  .oneof(
    fc.integer({ min: 0, max: 14 * 31 * 24 * 4 }).map((quarters) => quarters * 900_000),
    fc.constantFrom(0, 30, 31, 59, 60, 90, 300).map((days) => days * 24 * 3_600_000),
  )
  .map((ms) => new Date(Date.UTC(2027, 9, 31, 1, 30) + ms).toISOString());
const naiveGrants = fc
  .array(fc.tuple(time, fc.oneof(period, shortPeriod, shortPeriod), fc.option(time, { nil: undefined, freq: 4 })), {
    maxLength: 8,
  })
  .map((all) =>
    all.map(([from, each, endsAt], index): NaiveGrant => ({ grantId: `g${index}`, from, period: each, endsAt })),
  );

test('property: what grants cover is the same whatever their order, and as a calendar by hand says', () => {
  fc.assert(
    fc.property(
      naiveGrants.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      zone,
      ([all, shuffled], timeZone) => {
        const one = foldGrants(all.map(grantOf), undefined, { timeZone });
        expect(foldGrants(shuffled.map(grantOf), undefined, { timeZone })).toEqual(one);
        const { startsAt, endsAt } = one.covered ?? {};
        expect({ startsAt, endsAt }).toEqual(coveredNaively(all, timeZone));
      },
    ),
    { numRuns: 5_000 },
  );
});
