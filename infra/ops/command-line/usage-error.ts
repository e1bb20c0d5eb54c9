/** The person at the terminal has to change something; the message says what. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
