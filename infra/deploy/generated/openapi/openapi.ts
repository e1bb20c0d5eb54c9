import type { EndpointDescription } from '@paid-community/shared/platform/http/endpoint.ts';
import { statusOfCode, type HttpErrorCode } from '@paid-community/shared/platform/http/http-error.ts';
import { refusalsOf } from '@paid-community/shared/platform/http/refusals-of.ts';
import type { Group } from './endpoints.ts';
import type { RecordedExample } from './run-examples.ts';
import { securityOf, securitySchemes } from './security-schemes.ts';

/** As far as it is read here. */
interface FieldSchema {
  readonly description?: string;
  readonly orInteger?: boolean;
}

interface ObjectSchema {
  readonly properties: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
}

const CODES: Readonly<Record<HttpErrorCode, string>> = {
  invalid_request: 'The input is not valid; `issues` say where and why',
  unauthorized: 'The key or the secret is missing or wrong',
  not_found: 'There is no such thing',
  method_not_allowed: 'The path takes another method; `Allow` names it',
  request_timeout: 'The request did not arrive in time',
  conflict: 'The state of the system, or somebody else, is in the way',
  payload_too_large: 'The body is too large',
  unsupported_media_type: 'The body is not declared as JSON in UTF-8, or its Content-Encoding is unknown',
  too_many_requests: 'The caller has too much under way; `Retry-After` says when to try again',
  headers_too_large: 'The head of the request is too large',
  internal_error: 'A fault of the system; the request may be sent again',
  unavailable: 'It could not be stored safely; `Retry-After` says when to send it again',
};

/**
 * OpenAPI 3.1 of all that callers from outside can ask, from the endpoints themselves: the schemas are those that the
 * services check with, and the examples are what a running system answered.
 */
export function openApi(groups: readonly Group[], examples: readonly RecordedExample[]): object {
  const paths: Record<string, Record<string, object>> = {};
  const endpoints = groups.flatMap(({ tag, endpoints: some }) => some.map((endpoint) => ({ tag, endpoint })));
  for (const { tag, endpoint } of endpoints) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    const told = examples.filter(({ id }) => id === endpoint.id);
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: { tags: [tag], ...describe(endpoint, told) } };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Telegram Paid Community Automation',
      version: '1',
      description:
        'Written by `npm run openapi` from the endpoints themselves. A path that is none of these answers 404 with the code `not_found`, another method 405 with `method_not_allowed`.',
    },
    servers: [{ url: '/' }],
    tags: groups.map(({ tag, description }) => ({ name: tag, description })),
    paths,
    components: {
      securitySchemes: securitySchemes(endpoints.map(({ endpoint }) => endpoint)),
      schemas: { Refusal: REFUSAL },
      responses: Object.fromEntries(
        Object.entries(CODES).map(([code, description]) => [code, { description, content: refusalContent(code) }]),
      ),
    },
  };
}

function refusalContent(code: string): object {
  const schema = {
    allOf: [
      { $ref: '#/components/schemas/Refusal' },
      { properties: { error: { properties: { code: { const: code } } } } },
    ],
  };
  return { 'application/json': { schema } };
}

function describe(endpoint: EndpointDescription, examples: readonly RecordedExample[]): object {
  const { id, summary, security, answer } = endpoint;
  const parameters = parametersOf(endpoint);
  const contentType = answer.contentType ?? 'application/json';
  const successes = examples.filter(({ status }) => status === answer.status);
  return {
    operationId: id,
    summary,
    security: securityOf(security),
    parameters: parameters.length === 0 ? undefined : parameters,
    requestBody: requestBodyOf(endpoint, examples),
    responses: {
      [answer.status]: {
        description: answer.description,
        content: { [contentType]: { schema: answer.schema, examples: named(successes, ({ body }) => body) } },
      },
      ...Object.fromEntries(refusalsOf(endpoint).map((code) => [statusOfCode[code], refusal(code, examples)])),
    },
  };
}

function refusal(code: HttpErrorCode, examples: readonly RecordedExample[]): object {
  const told = examples.filter(({ status }) => status === statusOfCode[code]);
  if (told.length === 0) return { $ref: `#/components/responses/${code}` };
  const schema = { $ref: '#/components/schemas/Refusal' };
  const content = { schema, examples: named(told, ({ body }) => body) };
  return { description: CODES[code], content: { 'application/json': content } };
}

function requestBodyOf(endpoint: EndpointDescription, examples: readonly RecordedExample[]): object | undefined {
  const { method, path, input } = endpoint;
  if (method === 'GET') return undefined;
  const { properties, required = [] } = input as unknown as ObjectSchema;
  const inPath = new Set(segmentsOf(path));
  const fields = Object.entries(properties)
    .filter(([name]) => !inPath.has(name))
    .map(([name, field]) => [name, described(field)] as const);
  const schema = {
    ...input,
    properties: Object.fromEntries(fields),
    required: required.filter((name) => !inPath.has(name)),
  };
  const content = { schema, examples: named(examples, ({ sent }) => sent) };
  return { required: true, content: { 'application/json': content } };
}

/** `orInteger` is a keyword of our own; each keyword beside `type` is about one of the two. */
function described({ orInteger, ...field }: FieldSchema): object {
  if (orInteger !== true) return field;
  const { MAX_SAFE_INTEGER: maximum } = Number;
  return { ...field, type: ['string', 'integer'], minimum: -maximum, maximum };
}

function parametersOf({ method, path, input, headers = [] }: EndpointDescription): readonly object[] {
  const { properties, required = [] } = input as unknown as ObjectSchema;
  const inPath = segmentsOf(path);
  const inQuery = method === 'GET' ? Object.keys(properties).filter((name) => !inPath.includes(name)) : [];
  const parameter = (name: string, place: 'path' | 'query'): object => {
    const { description, ...schema } = properties[name] ?? {};
    return { name, in: place, required: place === 'path' || required.includes(name), description, schema };
  };
  return [
    ...inPath.map((name) => parameter(name, 'path')),
    ...inQuery.map((name) => parameter(name, 'query')),
    ...headers.map(({ name, description, schema }) => ({ name, in: 'header', required: false, description, schema })),
  ];
}

function segmentsOf(path: string): readonly string[] {
  return [...path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '');
}

/** Undefined, and so left out, when there are none. */
function named(
  examples: readonly RecordedExample[],
  valueOf: (example: RecordedExample) => unknown,
): Readonly<Record<string, object>> | undefined {
  const entries = examples.flatMap((example) => {
    const value = valueOf(example);
    return value === undefined ? [] : [[example.name, { summary: example.summary, value }] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

const REFUSAL = {
  type: 'object',
  required: ['ok', 'error'],
  properties: {
    ok: { const: false },
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        issues: {
          type: 'array',
          items: {
            type: 'object',
            required: ['path', 'message'],
            properties: { path: { type: 'string' }, message: { type: 'string' } },
          },
        },
      },
    },
  },
};
