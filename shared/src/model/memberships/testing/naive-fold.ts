import { LIFETIME } from '../../plans/plan.ts';

// A second model of what grants cover: a calendar by hand, without the library of dates that the first one has.

export interface NaiveGrant {
  readonly grantId: string;
  readonly from: string;
  readonly period: string | undefined;
  readonly endsAt: string | undefined;
}

interface Units {
  readonly months: number;
  readonly days: number;
  readonly ms: number;
}

interface Covered {
  readonly startsAt: string | undefined;
  readonly endsAt: string | undefined;
}

/** The last time without a gap that is paid for. */
export function coveredNaively(grants: readonly NaiveGrant[], timeZone: string): Covered {
  const begins = ({ from, endsAt }: NaiveGrant): number => Math.min(Date.parse(from), Date.parse(endsAt ?? from));
  const inOrder = [...grants].sort((a, b) => begins(a) - begins(b) || (a.grantId < b.grantId ? -1 : 1));
  let start = NaN;
  let end = -Infinity;
  let counted: { readonly from: number; readonly units: readonly Units[] } = { from: NaN, units: [] };
  for (const grant of inOrder) {
    const at = begins(grant);
    if (at > end) {
      start = at;
      end = at;
      counted = { from: at, units: [] };
    }
    if (grant.endsAt !== undefined) {
      if (Date.parse(grant.endsAt) > end) {
        end = Date.parse(grant.endsAt);
        counted = { from: end, units: [] };
      }
    } else if (grant.period === undefined || grant.period === LIFETIME) end = Infinity;
    else if (end !== Infinity) {
      const units = unitsOf(grant.period);
      const isSameKind = counted.units.every(({ months }) => months === 0) === (units.months === 0);
      counted =
        counted.units.length === 0 || !isSameKind
          ? { from: end, units: [units] }
          : { from: counted.from, units: [...counted.units, units] };
      end = later(counted.from, counted.units, timeZone);
    }
  }
  const text = (ms: number): string | undefined => (Number.isFinite(ms) ? new Date(ms).toISOString() : undefined);
  return { startsAt: text(start), endsAt: text(end) };
}

function unitsOf(period: string): Units {
  const [, years, months, weeks, days, hours, minutes, seconds] = (
    /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(period) ?? []
  ).map((text: string | undefined) => Number(text ?? 0));
  return {
    months: (years ?? 0) * 12 + (months ?? 0),
    days: (weeks ?? 0) * 7 + (days ?? 0),
    ms: ((hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1_000,
  };
}

/** The clock on the wall goes on by whole months and days; hours and less are as long as they are. */
function later(from: number, units: readonly Units[], timeZone: string): number {
  const sum = (of: (each: Units) => number): number => units.reduce((total, each) => total + of(each), 0);
  const offset = offsetAt(from, timeZone);
  const wall = new Date(from + offset);
  const month = wall.getUTCMonth() + sum(({ months }) => months);
  const longest = new Date(Date.UTC(wall.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const day = Math.min(wall.getUTCDate(), longest) + sum(({ days }) => days);
  const target = Date.UTC(
    wall.getUTCFullYear(),
    month,
    day,
    wall.getUTCHours(),
    wall.getUTCMinutes(),
    wall.getUTCSeconds(),
    wall.getUTCMilliseconds(),
  );
  return fromWall(target, offset, timeZone) + sum(({ ms }) => ms);
}

/** An hour that comes twice is that of the offset of before; one that does not come is as long after it. */
function fromWall(wall: number, offset: number, timeZone: string): number {
  const day = 24 * 3_600_000;
  const before = offsetAt(wall - offset - day, timeZone);
  const after = offsetAt(wall - offset + day, timeZone);
  const possible = [offset, before, after].filter((each) => offsetAt(wall - each, timeZone) === each);
  return wall - (possible[0] ?? before);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far the clock of the zone is ahead of UTC. */
function offsetAt(ms: number, timeZone: string): number {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  formats.set(timeZone, format);
  const part = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes): number => part.get(type) ?? 0;
  const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return wall - Math.floor(ms / 1_000) * 1_000;
}
