import type { Static, TSchema } from 'typebox';
import { InvalidArgumentError } from '../ports/errors.ts';
import { compileValidator, type Validator, type Written } from './validator.ts';

/** The text is not a cursor that an earlier page of the same reading gave. */
export class InvalidCursorError extends InvalidArgumentError {
  constructor() {
    super('invalid_cursor', 'The cursor is not one that an earlier page has given');
  }
}

export interface Cursor<Position> {
  readonly encode: (position: Written<Position>) => string;
  /** @throws InvalidCursorError for a text that holds no such position. */
  readonly decode: (text: string) => Position;
}

/**
 * Where a reading goes on, as an opaque text that the caller hands back: the position as JSON, in base64url. It comes
 * from outside, so it is checked like all input.
 */
export function defineCursor<Schema extends TSchema>(schema: Schema): Cursor<Static<Schema>> {
  // Compiled at the first use: most processes never see a cursor.
  let validate: Validator<Static<Schema>> | undefined;
  return {
    encode: (position) => Buffer.from(JSON.stringify(position)).toString('base64url'),
    decode: (text) => {
      validate ??= compileValidator(schema);
      const position = validate(parse(text));
      if (!position.valid) throw new InvalidCursorError();
      return position.value;
    },
  };
}

/** Undefined, which is no position either, when it is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}
