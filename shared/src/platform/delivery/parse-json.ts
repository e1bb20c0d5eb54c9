import { PermanentError } from '../ports/errors.ts';

/** @throws PermanentError when the message is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the parser's own message, which quotes the text.
    throw new PermanentError('invalid_event', 'The message is not JSON');
  }
}
