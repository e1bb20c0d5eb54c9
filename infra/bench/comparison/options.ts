import { readOptions as readArguments } from '../../ops/command-line/read-arguments.ts';
import { UsageError } from '../../ops/command-line/usage-error.ts';
import type { Size } from './context.ts';
import { sectionIds, type SectionId } from './results/result.ts';

export interface Options {
  readonly sections: ReadonlySet<SectionId>;
  readonly size: Size;
  /** Folder for CPU profiles of our side; slows it down. */
  readonly profileFolder: string | undefined;
  /**
   * 'measure' runs; 'render' makes the report anew from results.json; 'check' says whether it is what render would
   * make.
   */
  readonly mode: 'measure' | 'render' | 'check';
  /** Print the report instead of writing it: what is not a whole run is not kept. */
  readonly keep: boolean;
}

export const usage = `npm run bench:peers -- [options]
  --only <sections>   comma-separated, of ${sectionIds.join(', ')}; printed, not written
  --quick             a smoke test in a few seconds; printed, not written
  --full              more rounds, longer ones, five million documents; an hour or more
  --profile <folder>  CPU profiles of our side; printed, not written
  --render            write RESULTS.md, the charts and docs/benchmarks.md anew from results.json
  --check             exit 1 when they differ from that
`;

/** @throws UsageError with a readable message for what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const values = readArguments(args, {
    only: { type: 'string' },
    quick: { type: 'boolean' },
    full: { type: 'boolean' },
    profile: { type: 'string' },
    render: { type: 'boolean' },
    check: { type: 'boolean' },
  });
  const { quick = false, full = false, check = false, render = false } = values;
  if (quick && full) throw new UsageError('--quick and --full exclude each other');
  return {
    sections: new Set(values.only === undefined ? sectionIds : values.only.split(',').map(toSection)),
    size: oneOf({ quick, full }) ?? 'default',
    profileFolder: values.profile,
    mode: oneOf({ check, render }) ?? 'measure',
    keep: values.only === undefined && !quick && values.profile === undefined,
  };
}

function toSection(text: string): SectionId {
  const section = sectionIds.find((name) => name === text.trim());
  if (section === undefined) throw new UsageError(`--only takes ${sectionIds.join(', ')}`);
  return section;
}

/** The first name whose value is true. */
function oneOf<Name extends string>(given: Readonly<Record<Name, boolean>>): Name | undefined {
  return (Object.keys(given) as Name[]).find((name) => given[name]);
}
