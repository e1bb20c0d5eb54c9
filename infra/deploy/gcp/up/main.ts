import '../workspace-packages.ts';
import { UpError } from './run-tool.ts';
import { parseUpOptions, UP_USAGE } from './options.ts';

// From an empty project to a system that runs. Exit codes: 0 done, 1 a step failed, 2 bad arguments or something is
// missing.
try {
  const options = parseUpOptions(process.argv.slice(2));
  const { up } = await import('./up.ts');
  process.exitCode = await up(options, { environment: process.env, say: (line) => process.stdout.write(`${line}\n`) });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof UpError && error.isUsage) process.stderr.write(`usage: ${UP_USAGE}\n`);
  process.exitCode = error instanceof UpError ? error.exitCode : 1;
}
