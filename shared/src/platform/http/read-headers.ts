import type { IncomingHttpHeaders } from 'node:http';
import type { TString } from 'typebox';
import { compileValidator, type Validator } from '../validation/validator.ts';
import { HttpError } from './http-error.ts';

/** A header that an endpoint reads; each may be absent. */
export interface HeaderField {
  /** As it is written. */
  readonly name: string;
  readonly description: string;
  readonly schema: TString;
  /** Said of a value that the schema refuses. */
  readonly wanted: string;
}

/** Returns how the values are read, by name in lower case. */
export function headerReader(
  fields: readonly HeaderField[],
): (headers: IncomingHttpHeaders) => Readonly<Record<string, string | undefined>> {
  const readers = fields.map((field) => ({
    key: field.name.toLowerCase(),
    field,
    validate: compileValidator(field.schema),
  }));
  return (headers) => {
    const given: Record<string, string> = {};
    // Few requests have one of them.
    for (const { key, field, validate } of readers) {
      const value = headers[key];
      if (value !== undefined) given[key] = checked(key, field, validate, value);
    }
    return given;
  };
}

function checked(key: string, { name, wanted }: HeaderField, validate: Validator<string>, value: unknown): string {
  const header = validate(value);
  if (!header.valid) {
    throw new HttpError('invalid_request', `The ${name} header is not valid`, [
      { path: `/headers/${key}`, message: wanted },
    ]);
  }
  return header.value;
}
