import { UsageError } from '../../ops/command-line/usage-error.ts';
import { HELP, parseOptions, type DemoOptions } from './options.ts';
import { runDemo } from './run-demo.ts';

/** A Ctrl-C can come twice, from the terminal and from a wrapper that passes it on: two signals this close are one. */
const SAME_KEYSTROKE_MS = 500;

const interruption = new AbortController();
const exitCodeOf = { SIGINT: 130, SIGTERM: 143 };
let interruptedBy: keyof typeof exitCodeOf = 'SIGINT';
let isWaiting = false;
let mayForce = false;
function interrupt(signal: keyof typeof exitCodeOf): void {
  if (mayForce) process.exit(exitCodeOf[signal]);
  interruptedBy = signal;
  interruption.abort();
  if (isWaiting) return;
  isWaiting = true;
  // Not by the clock alone: signals that came while the event loop was busy are all taken in before the immediate.
  setTimeout(() => setImmediate(() => (mayForce = true)), SAME_KEYSTROKE_MS).unref();
}
process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
// The reader of our output went away, as with `| head`: tidy up instead of crashing.
process.stdout.on('error', () => interruption.abort());
process.stderr.on('error', () => undefined);

try {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options === 'help') process.stdout.write(HELP);
  else process.exitCode = (await run(options)) ?? exitCodeOf[interruptedBy];
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'The demo failed'}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function run(options: DemoOptions): Promise<0 | 1 | undefined> {
  if (!options.memberships) return runDemo(options, interruption.signal);
  // Loaded here, since a run against another system has no use for four services.
  const { runMemberships } = await import('./memberships/run-memberships.ts');
  return runMemberships(options, interruption.signal);
}
