import type { Operation } from '@paid-community/intake-service/operator/http/operation.ts';
import { OPERATOR_PATH } from '@paid-community/intake-service/operator/http/mount-operation.ts';
import { statusOfCode, type HttpErrorCode } from '@paid-community/shared/platform/http/http-error.ts';

/** As far as it is read here. */
interface ObjectSchema {
  readonly properties: Readonly<Record<string, { readonly description?: string }>>;
  readonly required?: readonly string[];
}

/** Besides success, and besides what only some operations answer. */
const REFUSALS: readonly HttpErrorCode[] = [
  'invalid_request',
  'unauthorized',
  'not_found',
  'conflict',
  'internal_error',
  'unavailable',
];

/**
 * OpenAPI 3.1 of the operator API, from the table of operations: its schemas are those that the service checks with.
 */
export function operatorOpenApi(operations: readonly Operation[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const path = OPERATOR_PATH + operation.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Operator API',
      version: '1',
      description:
        'What `npm run ops` speaks. Written by `npm run openapi` from the operations themselves; every action is logged with the name of the key.',
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { apiKey: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
      },
      schemas: { Refusal: REFUSAL },
      responses: Object.fromEntries(
        REFUSALS.map((code) => [
          code,
          { description: code, content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } } },
        ]),
      ),
    },
  };
}

function describe({ action, method, path, summary, input, answer }: Operation): object {
  const { properties, required = [] } = input as unknown as ObjectSchema;
  const inPath = [...path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '');
  const others = Object.fromEntries(Object.entries(properties).filter(([name]) => !inPath.includes(name)));
  const parameter = (place: 'path' | 'query') => (name: string) => {
    const { description, ...schema } = properties[name] ?? {};
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema,
    };
  };
  const parameters = [
    ...inPath.map(parameter('path')),
    ...(method === 'GET' ? Object.keys(others).map(parameter('query')) : []),
  ];
  const body = { ...input, properties: others, required: required.filter((name) => !inPath.includes(name)) };
  return {
    operationId: action,
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(method === 'POST'
      ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } }
      : {}),
    responses: {
      200: {
        description: 'Done',
        content: {
          'application/json': {
            schema: { allOf: [{ type: 'object', required: ['ok'], properties: { ok: { const: true } } }, answer] },
          },
        },
      },
      ...Object.fromEntries(REFUSALS.map((code) => [statusOfCode[code], { $ref: `#/components/responses/${code}` }])),
    },
  };
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
