import { MultiBar } from 'cli-progress';
import { STAGES, type Stage } from './ledger.ts';

const BAR_UPDATE_MS = 100;
const LINE_EVERY_MS = 2_000;

export interface Progress {
  /** For the person at the terminal, on standard error; does not break the bars. Ends in a newline. */
  note(text: string): void;
  /** Shows how it ended. */
  stop(): void;
}

export interface ProgressOptions {
  readonly totals: Readonly<Record<Stage, number>>;
  /** Read again and again. */
  readonly counts: Readonly<Record<Stage, number>>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** One bar for each stage on a terminal; elsewhere a line every 2 s, which a log or a pipe can hold. */
export function showProgress(options: ProgressOptions): Progress {
  return options.stdout.isTTY ? showBars(options) : showLines(options);
}

function showBars({ totals, counts, stdout, stderr }: ProgressOptions): Progress {
  const bars = new MultiBar({
    stream: stdout,
    format: '{stage} {bar} {value}/{total}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 36,
    hideCursor: true,
    // Signals are the caller's business.
    gracefulExit: false,
  });
  const width = Math.max(...STAGES.map((stage) => stage.length));
  const shown = stagesOf(totals).map((stage) => ({
    stage,
    bar: bars.create(totals[stage], 0, { stage: stage.padEnd(width) }),
  }));
  const update = (): void => {
    for (const { stage, bar } of shown) bar.update(counts[stage]);
  };
  const timer = setInterval(update, BAR_UPDATE_MS);
  return {
    note: (text) => {
      // Written past the bars, it would be painted over.
      if (stderr.isTTY) bars.log(text);
      else stderr.write(text);
    },
    stop: () => {
      clearInterval(timer);
      update();
      // The last notes are printed by an update only.
      bars.update();
      bars.stop();
    },
  };
}

function showLines({ totals, counts, stdout, stderr }: ProgressOptions): Progress {
  const print = (): void => {
    stdout.write(
      `${stagesOf(totals)
        .map((stage) => `${stage} ${counts[stage]}/${totals[stage]}`)
        .join(', ')}\n`,
    );
  };
  const timer = setInterval(print, LINE_EVERY_MS);
  return {
    note: (text) => {
      stderr.write(text);
    },
    stop: () => {
      clearInterval(timer);
      print();
    },
  };
}

function stagesOf(totals: Readonly<Record<Stage, number>>): Stage[] {
  return STAGES.filter((stage) => totals[stage] > 0);
}
