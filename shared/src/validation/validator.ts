import { Ajv, type ErrorObject } from 'ajv';
import type { Static, TSchema } from 'typebox';

/** One thing wrong with an input. Names places and rules, never the value that was sent. */
export interface Issue {
  /** JSON pointer into the input; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

export type Validated<T> = { readonly valid: true; readonly value: T } | { readonly valid: false; readonly issues: readonly Issue[] };

export type Validator<T> = (input: unknown) => Validated<T>;

// verbose gives an error access to its schema, so that a message can list what is allowed.
const options = { allErrors: true, strict: true, verbose: true } as const;
const ajv = new Ajv(options);
/** For inputs whose values are texts: "20" is accepted as the number, and becomes it in place. */
const ajvOfTexts = new Ajv({ ...options, coerceTypes: true });

/** Compiles once, at start. The TypeScript type comes from the same schema. */
export function compileValidator<Schema extends TSchema>(schema: Schema, { texts = false }: { readonly texts?: boolean } = {}): Validator<Static<Schema>> {
  const matches = (texts ? ajvOfTexts : ajv).compile<Static<Schema>>(schema);
  return (input) => (matches(input) ? { valid: true, value: input } : { valid: false, issues: (matches.errors ?? []).map(toIssue) });
}

function toIssue(error: ErrorObject): Issue {
  switch (error.keyword) {
    case 'required':
      return { path: `${error.instancePath}/${String(error.params['missingProperty'])}`, message: 'is required' };
    case 'additionalProperties': {
      const allowed = Object.keys((error.parentSchema as { properties?: object }).properties ?? {});
      return { path: error.instancePath, message: `has a field that is not allowed; allowed are ${allowed.join(', ')}` };
    }
    case 'pattern': {
      const { description } = error.parentSchema as { description?: string };
      return { path: error.instancePath, message: description === undefined ? 'has the wrong form' : `must be ${description}` };
    }
    case 'const':
      return { path: error.instancePath, message: `must be ${JSON.stringify(error.params['allowedValue'])}` };
    case 'enum':
      return { path: error.instancePath, message: `must be one of ${(error.params['allowedValues'] as unknown[]).join(', ')}` };
    default:
      return { path: error.instancePath, message: error.message ?? 'is not valid' };
  }
}

/** The issues as one sentence, for a log line or a dead letter. */
export function summarizeIssues(issues: readonly Issue[]): string {
  return issues.map((issue) => `${issue.path === '' ? 'the whole' : issue.path} ${issue.message}`).join('; ');
}
