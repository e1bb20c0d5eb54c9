import { errorMessage } from '@paid-community/shared/platform/ports/errors.ts';

/** What `read` returns; when it throws, its words and `help` on standard error, and exit code 2. */
export function orExit<Value>(read: () => Value, help: string): Value {
  try {
    return read();
  } catch (error) {
    process.stderr.write(`${errorMessage(error)}\n${help}`);
    process.exit(2);
  }
}
