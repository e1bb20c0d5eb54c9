import { SingleBar } from 'cli-progress';

const LINE_EVERY_MS = 2_000;

export interface Progress {
  /** So many are done by now; `total` when only now it is known. */
  update(done: number, total?: number): void;
  stop(): void;
}

/** A bar on a terminal where the total is known; elsewhere a line every 2 s, which a log or a pipe can hold. */
export function showProgress(label: string, total: number | undefined, stream: NodeJS.WriteStream): Progress {
  return stream.isTTY && total !== undefined ? showBar(label, total, stream) : showLines(label, total, stream);
}

function showBar(label: string, total: number, stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({
    stream,
    format: `${label} {bar} {value}/{total}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 36,
    hideCursor: true,
    gracefulExit: false,
  });
  bar.start(total, 0);
  return {
    update: (done, newTotal) => {
      if (newTotal !== undefined) bar.setTotal(newTotal);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}

function showLines(label: string, firstTotal: number | undefined, stream: NodeJS.WriteStream): Progress {
  let shownAt = performance.now();
  let shown = 0;
  let current = 0;
  let total = firstTotal;
  const print = (): void => {
    shownAt = performance.now();
    shown = current;
    stream.write(`${label} ${current}${total === undefined ? '' : `/${total}`}\n`);
  };
  return {
    update: (done, newTotal) => {
      current = done;
      total = newTotal ?? total;
      if (performance.now() - shownAt >= LINE_EVERY_MS) print();
    },
    stop: () => {
      if (current !== shown) print();
    },
  };
}
