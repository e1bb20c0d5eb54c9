import type { SectionResult } from './result.ts';

/** Where the time of our process goes, when the section was profiled. */
export function profileLines({ profile }: SectionResult): string[] {
  if (profile === undefined) return [];
  const shares = Object.entries(profile.shares).toSorted(([, a], [, b]) => b - a);
  return [
    '',
    `Where the time of our process goes (a CPU profile of ${profile.of}, in a run of its own; without the time in which it had nothing to do, and without loading the program):`,
    '',
    '| | share |',
    '| --- | ---: |',
    ...shares.map(([group, share]) => `| ${group} | ${(share * 100).toFixed(0)} % |`),
    '',
    profile.meaning,
  ];
}
