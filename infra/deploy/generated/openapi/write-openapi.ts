import { writeFileSync } from 'node:fs';
import { groups } from './endpoints.ts';
import { openApi } from './openapi.ts';
import { runExamples } from './run-examples.ts';

writeFileSync(
  new URL('../../../../intake-service/openapi.json', import.meta.url),
  `${JSON.stringify(openApi(groups, await runExamples()), null, 2)}\n`,
);
