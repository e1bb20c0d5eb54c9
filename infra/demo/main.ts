import { HELP, UsageError, parseOptions } from './options.ts';
import { runDemo } from './run-demo.ts';

/** A Ctrl-C can come twice, from the terminal and from a wrapper that passes it on: two signals this close are one. */
const SAME_KEYSTROKE_MS = 500;

const interruption = new AbortController();
const exitCodeOf = { SIGINT: 130, SIGTERM: 143 };
let interruptedBy: keyof typeof exitCodeOf = 'SIGINT';
let interruptedAt: number | undefined;
function interrupt(signal: keyof typeof exitCodeOf): void {
  if (interruptedAt !== undefined && performance.now() - interruptedAt > SAME_KEYSTROKE_MS) process.exit(exitCodeOf[signal]);
  interruptedAt ??= performance.now();
  interruptedBy = signal;
  interruption.abort();
}
process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
// The reader of our output went away, as with `| head`: tidy up instead of crashing.
process.stdout.on('error', () => interruption.abort());

try {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options === 'help') process.stdout.write(HELP);
  else process.exitCode = (await runDemo(options, interruption.signal)) ?? exitCodeOf[interruptedBy];
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'The demo failed'}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
