import { readFileSync, writeFileSync } from 'node:fs';
import './workspace-packages.ts';

const { ROOT_TABLES, TABLES, withTables } = await import('./tables.ts');
for (const [file, tables] of [
  ['README.md', TABLES],
  ['../../../README.md', ROOT_TABLES],
] as const) {
  const readme = new URL(file, import.meta.url);
  writeFileSync(readme, withTables(readFileSync(readme, 'utf8'), tables));
}

const { DECLARED_CONTAINERS, declaredContainersText } = await import('./testing/declared-containers.ts');
writeFileSync(DECLARED_CONTAINERS, await declaredContainersText());
