import { readOptions as readArguments } from '../ops/command-line/read-arguments.ts';
import { UsageError } from '../ops/command-line/usage-error.ts';

const sectionNames = [
  'disk',
  'intake',
  'pipeline',
  'start',
  'memory',
  'backlog',
  'replay',
  'telemetry',
  'communities',
  'memberships',
  'turns',
  'burst',
] as const;

export type SectionName = (typeof sectionNames)[number];

/** It fills a store with a million of them, which takes ten minutes. */
const LONG_SECTION: SectionName = 'memberships';

export interface Options {
  readonly sections: ReadonlySet<SectionName>;
  /** Short runs that prove the benchmark works; their figures mean little. */
  readonly quick: boolean;
  /** Also what takes long: the memberships, and the burst without a pool in its whole length. */
  readonly long: boolean;
  readonly json: boolean;
  /** Folder for CPU profiles of the measured system. */
  readonly profileFolder: string | undefined;
}

export const usage = `npm run bench -- [options]
  --only <sections>   comma-separated, of ${sectionNames.join(', ')};
                      by default all but ${LONG_SECTION}
  --quick             short runs: a smoke test, not a measurement
  --long              also ${LONG_SECTION}: ten minutes; the burst without a pool in its whole length: half an hour
  --json              one JSON document on standard output instead of tables
  --profile <folder>  write a CPU profile of each measured system there; slows it down
`;

/** @throws UsageError with a readable message for what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const values = readArguments(args, {
    only: { type: 'string' },
    quick: { type: 'boolean' },
    long: { type: 'boolean' },
    json: { type: 'boolean' },
    profile: { type: 'string' },
  });
  const { quick = false, long = false } = values;
  const unnamed = sectionNames.filter((name) => quick || long || name !== LONG_SECTION);
  return {
    sections: new Set(values.only === undefined ? unnamed : values.only.split(',').map(toSection)),
    quick,
    long,
    json: values.json ?? false,
    profileFolder: values.profile,
  };
}

function toSection(text: string): SectionName {
  const section = sectionNames.find((name) => name === text.trim());
  if (section === undefined) throw new UsageError(`--only takes ${sectionNames.join(', ')}`);
  return section;
}
