import { UsageError } from './command-line/usage-error.ts';
import { commands } from './commands.ts';
import { askToConfirm } from './confirm.ts';
import { exitCodes } from './exit-codes.ts';
import { helpOf, overview } from './help.ts';
import { ApiError, connectOpsApi } from './ops-api.ts';
import { openOutput } from './output.ts';
import { parseCommand, type Invocation } from './parse-command.ts';
import { readConnection } from './settings.ts';
import { watchChanges, type WatchedApi } from './watch-changes.ts';

// The reader of our output went away, as with `| head`: nothing is left to say.
process.stdout.on('error', () => process.exit(exitCodes.done));

// The reader of the progress may go as well; the work goes on.
process.stderr.on('error', () => undefined);

const RUN_AGAIN = 'Run it again: what was done already is found done';
let unfinished = (): string | undefined => undefined;

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => {
    sayIfUnfinished();
    process.exit(code);
  });
}

try {
  const parsed = parseCommand(process.argv.slice(2), commands);
  if (parsed.kind === 'help')
    process.stdout.write(parsed.command === undefined ? overview(commands) : helpOf(parsed.command));
  else process.exitCode = await run(parsed.invocation);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'The command failed'}\n`);
  sayIfUnfinished();
  process.exitCode = exitCodeOf(error);
  // A client of Google's that nobody answers tries on for minutes.
  process.stderr.write('', () => process.exit());
}

function sayIfUnfinished(): void {
  const advice = unfinished();
  if (advice !== undefined) process.stderr.write(`Unfinished. ${advice}.\n`);
}

async function run({ command, values, parameters }: Invocation): Promise<number> {
  const textOf = (name: string): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined);
  const output = openOutput({ json: values['json'] === true, stdout: process.stdout, stderr: process.stderr });
  const confirm = values['yes'] === true ? () => Promise.resolve() : askToConfirm;
  let watched: WatchedApi | undefined;
  let begun = false;
  unfinished = () => (begun || watched?.mayHaveChanged() === true ? (command.ifUnfinished ?? RUN_AGAIN) : undefined);
  return command.run(
    { values, parameters },
    {
      // Commands that only work on files of this machine need no key.
      get api() {
        watched ??= watchChanges(
          connectOpsApi(
            readConnection({ url: textOf('url'), key: textOf('key'), keyFile: textOf('key-file') }, process.env),
          ),
        );
        return watched.api;
      },
      output,
      confirm,
      now: () => Date.now(),
      begin: () => void (begun = true),
      environment: process.env,
    },
  );
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.badArguments;
  if (!(error instanceof ApiError)) return exitCodes.failures;
  if (error.status === 400) return exitCodes.badArguments;
  return error.status === 404 || error.status === 409 ? exitCodes.failures : exitCodes.notReached;
}
