import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import type { Static, TSchema } from 'typebox';

export interface Cursor<Position> {
  readonly encode: (position: Position) => string;
  /** @throws HttpError invalid_request for a text that holds no such position. */
  readonly decode: (cursor: string) => Position;
}

/**
 * Where an operation goes on, as a text that the caller hands back. It comes from outside, so it is checked like
 * everything that does.
 */
export function defineCursor<Schema extends TSchema>(schema: Schema): Cursor<Static<Schema>> {
  const validate = compileValidator(schema);
  return {
    encode: (position) => Buffer.from(JSON.stringify(position)).toString('base64url'),
    decode: (cursor) => {
      const position = validate(parse(cursor));
      if (!position.valid) throw invalidCursor();
      return position.value;
    },
  };
}

export function invalidCursor(): HttpError {
  return new HttpError('invalid_request', 'The cursor is not one that an earlier page has given', [
    { path: '/cursor', message: 'must be the nextCursor of an earlier page' },
  ]);
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    // No position either.
    return undefined;
  }
}
