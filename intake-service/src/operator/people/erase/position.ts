import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static } from 'typebox';

/** Where an erasure stands. */
export type ErasePosition = Static<typeof Position>;

const Position = Type.Object({
  step: Type.Integer({ minimum: 0 }),
  cursor: Type.Optional(Type.String()),
  /** What the documents knew before they were erased; the operator's own cursor is the only place that keeps it. */
  telegramUserIds: Type.Array(Type.String()),
});

const validatePosition = compileValidator(Position);

export function encodePosition(position: {
  readonly step: number;
  readonly cursor: string | undefined;
  readonly telegramUserIds: readonly string[];
}): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** @throws HttpError invalid_request */
export function decodePosition(cursor: string, steps: number): ErasePosition {
  const position = validatePosition(parsed(Buffer.from(cursor, 'base64url').toString()));
  if (position.valid && position.value.step < steps) return position.value;
  throw new HttpError('invalid_request', 'The cursor is not one that an earlier page has given');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
