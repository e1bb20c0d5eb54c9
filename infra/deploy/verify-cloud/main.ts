import { errorMessage } from '@paid-community/shared/platform/ports/errors.ts';
import { UsageError } from '../../ops/command-line/usage-error.ts';
import { UpError } from '../gcp/up/run-tool.ts';
import { readVerifyOptions, VERIFY_HELP } from './options.ts';
import { StepFailed } from './step-failed.ts';
import { verify } from './verify.ts';

// After the first `up`: does a purchase go through? Exit codes: 0 yes, 1 a step failed, 2 bad arguments or something is
// missing.
try {
  const options = await readVerifyOptions(process.argv.slice(2), process.env);
  if (options === undefined) process.stdout.write(VERIFY_HELP);
  else await verify(options, (line) => process.stdout.write(`${line}\n`));
} catch (error) {
  process.stderr.write(`${errorMessage(error)}\n`);
  if (error instanceof StepFailed) for (const line of error.advice) process.stderr.write(`  ${line}\n`);
  if (error instanceof UsageError) process.stderr.write(`\n${VERIFY_HELP}`);
  process.exitCode = error instanceof UsageError || (error instanceof UpError && error.exitCode === 2) ? 2 : 1;
}
