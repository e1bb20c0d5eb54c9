import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { intakeService } from '@paid-community/intake-service/service.ts';
import { operations } from '@paid-community/intake-service/operator/routes.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { Validator } from '@seriousme/openapi-schema-validator';
import { operatorOpenApi } from './operator-openapi.ts';

interface OpenApi {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          { readonly operationId: string; readonly parameters?: readonly { readonly description?: string }[] }
        >
      >
    >
  >;
}

const openApi = JSON.parse(
  readFileSync(new URL('../../../../intake-service/openapi.json', import.meta.url), 'utf8'),
) as OpenApi;

test('openapi.json is what the operations declare (to write it anew: npm run openapi)', () => {
  expect(openApi).toEqual(JSON.parse(JSON.stringify(operatorOpenApi(operations))));
});

test('it is OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate({ ...openApi });
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

test('it has the routes that the service has under /v1/ops, and no other', async () => {
  const clock = new ManualClock();
  const { backend, close } = openTemporaryBackend(clock);
  const { routes } = intakeService({
    ...backend,
    config: { INTAKE_API_KEYS: [], OPERATOR_API_KEYS: [], RETENTION_DAYS: 400 },
    clock,
    log: silentLog,
  });
  await close();
  const mounted = routes
    .filter(({ path }) => path.startsWith('/v1/ops'))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  const documented = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(documented.toSorted()).toEqual(mounted.toSorted());
});

test('each operation has a name of its own, and each parameter says what it means', () => {
  const described = Object.values(openApi.paths).flatMap((methods) => Object.values(methods));
  expect(new Set(described.map(({ operationId }) => operationId)).size).toBe(described.length);
  const silent = described.flatMap(({ operationId, parameters = [] }) =>
    parameters.every(({ description }) => description !== undefined) ? [] : [operationId],
  );
  expect(silent).toEqual([]);
});
