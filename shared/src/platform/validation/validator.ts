import { Ajv, type ErrorObject } from 'ajv';
import type { Static, TSchema } from 'typebox';

/** One thing wrong with an input. Names places and rules, never the value that was sent. */
export interface Issue {
  /** JSON pointer into the input; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

export type Validated<T> =
  { readonly valid: true; readonly value: T } | { readonly valid: false; readonly issues: readonly Issue[] };

export type Validator<T> = (input: unknown) => Validated<T>;

/** What is written where a schema asks for T: a field that may be absent may be undefined too, JSON leaves it out. */
export type Written<T> = T extends readonly (infer Element)[]
  ? readonly Written<Element>[]
  : T extends object
    ? { readonly [Field in keyof T]: Written<T[Field]> | (object extends Pick<T, Field> ? undefined : never) }
    : T;

// verbose gives an error access to its schema, so that a message can list what is allowed.
const ajv = new Ajv({ allErrors: true, strict: true, verbose: true });

/** The values of `format` beside a pattern, each with the words of its refusal. */
const formats: Readonly<Record<string, { readonly holds: (text: string) => boolean; readonly wanted: string }>> = {
  'date-time': { holds: isOfTheCalendar, wanted: 'a time that the calendar has' },
  // Half of a surrogate pair has no form in UTF-8: it would be stored and sent as something else.
  unicode: { holds: (text) => text.isWellFormed(), wanted: 'whole Unicode characters, not half of a surrogate pair' },
};

for (const [name, { holds }] of Object.entries(formats)) ajv.addFormat(name, holds);
// maxLength counts code points. WebEngage counts as Java and JavaScript do: an emoji is two.
ajv.addKeyword({
  keyword: 'maxUtf16Units',
  type: 'string',
  schemaType: 'number',
  validate: (most: number, text: string) => text.length <= most,
});

// Marketing tools send ids as JSON numbers. A field with this keyword is read as the text of its digits.
ajv.addKeyword({ keyword: 'orInteger', schemaType: 'boolean' });

/**
 * Whether a time of the form of ISO 8601, date first, exists. False for 30 February and for 24:00, which Date.parse
 * takes for the day after.
 */
export function isOfTheCalendar(time: string): boolean {
  const [year = 0, month = 0, day = 0] = time.slice(0, 10).split('-').map(Number);
  const lastOfMonth = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return (
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= lastOfMonth &&
    time.slice(11, 13) !== '24' &&
    !Number.isNaN(Date.parse(time))
  );
}

/**
 * Compiles once, at start. The TypeScript type comes from the same schema. `texts`: for an object whose values are all
 * texts, as in a query. `namesUnknown`: a field that is not allowed is named, though its sender chose the name.
 */
export function compileValidator<Schema extends TSchema>(
  schema: Schema,
  { texts = false, namesUnknown = false }: { readonly texts?: boolean; readonly namesUnknown?: boolean } = {},
): Validator<Static<Schema>> {
  const matches = ajv.compile<Static<Schema>>(schema);
  const integers = fieldsOrInteger(schema);
  return (input) => {
    const value = texts ? readTexts(schema, input) : readIntegers(integers, input);
    return matches(value)
      ? { valid: true, value }
      : { valid: false, issues: toIssues(matches.errors ?? [], namesUnknown) };
  };
}

function fieldsOrInteger(schema: TSchema): readonly string[] {
  const { properties = {} } = schema as { readonly properties?: Readonly<Record<string, { orInteger?: boolean }>> };
  return Object.keys(properties).filter((name) => properties[name]?.orInteger === true);
}

/** Beyond 2^53 - 1 a number in JSON is not read to its last digit: it stays one, and is refused. */
function readIntegers(names: readonly string[], input: unknown): unknown {
  if (names.length === 0 || typeof input !== 'object' || input === null) return input;
  const given = input as Readonly<Record<string, unknown>>;
  const integers = names.filter((name) => Number.isSafeInteger(given[name]));
  if (integers.length === 0) return input;
  return { ...given, ...Object.fromEntries(integers.map((name) => [name, String(given[name])])) };
}

// ajv can do this too, and then takes "Infinity" and "1e999" for whole numbers within any bounds.
function readTexts(schema: TSchema, input: unknown): unknown {
  const { properties = {} } = schema as { readonly properties?: Readonly<Record<string, { readonly type?: string }>> };
  return Object.fromEntries(
    Object.entries(input ?? {}).map(([name, text]) => [
      name,
      readText(Object.hasOwn(properties, name) ? properties[name]?.type : undefined, text),
    ]),
  );
}

/** What is not written as its type asks stays a text, and is refused as one. */
function readText(type: string | undefined, text: unknown): unknown {
  if (typeof text !== 'string') return text;
  if (type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/**
 * An input of 64 KiB has room for thousands of mistakes. What is told of them goes into answers, log lines and dead
 * letters.
 */
const MOST_ISSUES = 20;
/** A path may hold names that the sender chose. */
const LONGEST_PATH = 200;

function toIssues(errors: readonly ErrorObject[], namesUnknown: boolean): readonly Issue[] {
  const issues = errors
    .slice(0, MOST_ISSUES)
    .map((error) => toIssue(error, namesUnknown))
    .map(({ path, message }) => ({
      path: path.length > LONGEST_PATH ? `${path.slice(0, LONGEST_PATH)}…` : path,
      message,
    }));
  const more = errors.length - issues.length;
  return more === 0
    ? issues
    : [...issues, { path: '', message: `has ${more} more issues; the first ${MOST_ISSUES} are listed` }];
}

function toIssue(error: ErrorObject, namesUnknown: boolean): Issue {
  switch (error.keyword) {
    case 'required':
      return { path: `${error.instancePath}/${String(error.params['missingProperty'])}`, message: 'is required' };
    case 'additionalProperties': {
      const allowed = Object.keys((error.parentSchema as { properties?: object }).properties ?? {});
      const message = `a field that is not allowed; allowed are ${allowed.join(', ')}`;
      return namesUnknown
        ? { path: `${error.instancePath}/${String(error.params['additionalProperty'])}`, message: `is ${message}` }
        : { path: error.instancePath, message: `has ${message}` };
    }
    case 'pattern': {
      const { description } = error.parentSchema as { description?: string };
      return {
        path: error.instancePath,
        message: description === undefined ? 'has the wrong form' : `must be ${description}`,
      };
    }
    case 'format':
      return {
        path: error.instancePath,
        message: `must be ${formats[String(error.params['format'])]?.wanted ?? 'of the right format'}`,
      };
    case 'maxUtf16Units':
      return {
        path: error.instancePath,
        message: `must have at most ${String(error.schema)} characters, counted in UTF-16 units: an emoji is two or more`,
      };
    case 'type': {
      const { orInteger } = error.parentSchema as { orInteger?: boolean };
      const wanted = error.params['type'] as string | readonly string[] | undefined;
      const message = Array.isArray(wanted)
        ? `must be ${wanted.join(' or ')}`
        : (error.message ?? 'is of the wrong type');
      return {
        path: error.instancePath,
        message: orInteger === true ? `${message}, or an integer of at most 2^53 - 1` : message,
      };
    }
    case 'minItems':
    case 'maxItems': {
      const limit = Number(error.params['limit']);
      const bound = error.keyword === 'minItems' ? 'least' : 'most';
      return { path: error.instancePath, message: `must have at ${bound} ${limit} ${limit === 1 ? 'item' : 'items'}` };
    }
    case 'uniqueItems':
      return { path: error.instancePath, message: 'must not have the same item twice' };
    case 'const':
      return { path: error.instancePath, message: `must be ${JSON.stringify(error.params['allowedValue'])}` };
    case 'enum':
      return {
        path: error.instancePath,
        message: `must be one of ${(error.params['allowedValues'] as unknown[]).join(', ')}`,
      };
    default:
      return { path: error.instancePath, message: error.message ?? 'is not valid' };
  }
}

/** The issues as one sentence, for a log line or a dead letter. */
export function summarizeIssues(issues: readonly Issue[]): string {
  return issues.map((issue) => `${issue.path === '' ? 'the whole' : issue.path} ${issue.message}`).join('; ');
}
