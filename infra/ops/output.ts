import { showProgress, type Progress } from './progress.ts';

/** Results on standard output, progress and words to the person on standard error. */
export interface Output {
  /** The result of the command: as JSON for a program, else as `describe` puts it for a person. Once. */
  result(value: object, describe: () => string): void;
  /** A word to the person, also when the result is JSON. */
  note(text: string): void;
  /** For work of several pages. `stop` it before the result. */
  progress(label: string, total?: number): Progress;
}

export function openOutput({
  json,
  stdout,
  stderr,
}: {
  readonly json: boolean;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}): Output {
  return {
    result: (value, describe) => void stdout.write(`${json ? JSON.stringify(value, null, 2) : describe()}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    progress: (label, total) => showProgress(label, total, stderr),
  };
}
