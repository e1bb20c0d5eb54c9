import { readFileSync, writeFileSync } from 'node:fs';
import './workspace-packages.ts';

const { COST_TABLES, TABLES, withTables } = await import('./tables.ts');
for (const [file, tables] of [
  ['README.md', TABLES],
  ['../../../docs/cost.md', COST_TABLES],
] as const) {
  const page = new URL(file, import.meta.url);
  writeFileSync(page, withTables(readFileSync(page, 'utf8'), tables));
}

const { DECLARED_CONTAINERS, declaredContainersText } = await import('./testing/declared-containers.ts');
writeFileSync(DECLARED_CONTAINERS, await declaredContainersText());
