import { writeFileSync } from 'node:fs';
import { operations } from '@paid-community/intake-service/operator/routes.ts';
import { operatorOpenApi } from './operator-openapi.ts';

writeFileSync(
  new URL('../../../../intake-service/openapi.json', import.meta.url),
  `${JSON.stringify(operatorOpenApi(operations), null, 2)}\n`,
);
