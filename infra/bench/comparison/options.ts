import { parseArgs } from 'node:util';
import type { Size } from './context.ts';
import { sectionIds, type SectionId } from './results/result.ts';

export interface Options {
  readonly sections: ReadonlySet<SectionId>;
  readonly size: Size;
  /** Folder for CPU profiles of our side; slows it down. */
  readonly profileFolder: string | undefined;
  /** 'measure' runs; 'render' makes the report anew from results.json; 'check' says whether it is what render would make. */
  readonly mode: 'measure' | 'render' | 'check';
  /** Print the report instead of writing it: what is not a whole run is not kept. */
  readonly keep: boolean;
}

export const usage = `npm run bench:peers -- [options]
  --only <sections>   comma-separated, of ${sectionIds.join(', ')}; printed, not written
  --quick             a smoke test in a few seconds; printed, not written
  --full              more rounds, longer ones, five million documents; an hour or more
  --profile <folder>  CPU profiles of our side; printed, not written
  --render            write RESULTS.md, the charts and the README's section anew from results.json
  --check             exit 1 when they differ from that
`;

/** @throws TypeError with a readable message for what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      profile: { type: 'string' },
      render: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
    },
  });
  if (values.quick && values.full) throw new TypeError('--quick and --full exclude each other');
  return {
    sections: new Set(values.only === undefined ? sectionIds : values.only.split(',').map(toSection)),
    size: values.quick ? 'quick' : values.full ? 'full' : 'default',
    profileFolder: values.profile,
    mode: values.check ? 'check' : values.render ? 'render' : 'measure',
    keep: values.only === undefined && !values.quick && values.profile === undefined,
  };
}

function toSection(text: string): SectionId {
  const section = sectionIds.find((name) => name === text.trim());
  if (section === undefined) throw new TypeError(`--only takes ${sectionIds.join(', ')}`);
  return section;
}
