import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { mountedRoutes } from '../../../tests/e2e/harness/fuzz/targets.ts';
import { groups } from './endpoints.ts';
import { exampleCalls } from './example-calls.ts';
import { openApi } from './openapi.ts';
import { runExamples, type RecordedExample } from './run-examples.ts';

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly { readonly description?: string }[];
  readonly security: readonly object[];
  readonly responses: Readonly<Record<string, unknown>>;
}

const file = JSON.parse(readFileSync(new URL('../../../../intake-service/openapi.json', import.meta.url), 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
};
const described = Object.values(file.paths).flatMap((methods) => Object.values(methods));

let examples: readonly RecordedExample[];

beforeAll(async () => {
  examples = await runExamples();
});

test('openapi.json is what the endpoints declare, with what a running system answers to the examples (npm run openapi)', () => {
  expect(file).toEqual(JSON.parse(JSON.stringify(openApi(groups, examples))));
});

test('it is OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate({ ...file });
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

test('it has every route of the one process, and no other', async () => {
  const mounted = (await mountedRoutes()).map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  const documented = Object.entries(file.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(documented.toSorted()).toEqual(mounted.toSorted());
});

test('each endpoint has a name of its own, and each parameter says what it means', () => {
  expect(new Set(described.map(({ operationId }) => operationId)).size).toBe(described.length);
  const silent = described.flatMap(({ operationId, parameters = [] }) =>
    parameters.every(({ description }) => description !== undefined) ? [] : [operationId],
  );
  expect(silent).toEqual([]);
});

test('each endpoint has an example of its success, and only of answers that it describes', () => {
  for (const { operationId, responses } of described) {
    const statuses = exampleCalls.filter(({ id }) => id === operationId).map(({ status }) => status);
    expect([operationId, statuses.some((status) => status < 300)]).toEqual([operationId, true]);
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(statuses.map(String)));
  }
});

test('only the probes are open to everybody', () => {
  const open = described.filter(({ security }) => security.some((need) => Object.keys(need).length === 0));
  expect(open.map(({ operationId }) => operationId)).toEqual(['process.alive', 'process.ready', 'metrics.read']);
});
