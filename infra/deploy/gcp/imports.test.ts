import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../../..');

/** Every import of a file, those of types alone too: the compiler follows them. */
function importsOf(file: string): readonly string[] {
  return [
    ...readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;]*?from '([^']+)';|import\('([^']+)'\)/gm),
  ].map(([, fromClause, call]) => fromClause ?? call ?? '');
}

function fileOf(specifier: string, importer: string): string | undefined {
  const [, folder, path] = /^@paid-community\/([^/]+)\/(.+)$/.exec(specifier) ?? [];
  if (folder !== undefined && path !== undefined) return join(ROOT, folder, 'src', path);
  return specifier.startsWith('.') ? join(dirname(importer), specifier) : undefined;
}

test('what this folder takes from the rest of the repository needs no package of the root: `npm ci` here is enough', () => {
  const own = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.includes('node_modules'),
  );
  const waiting = own.map((file) => join(import.meta.dirname, file));
  const seen = new Set<string>();
  const packages: string[] = [];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const specifier of importsOf(file)) {
      const target = fileOf(specifier, file);
      if (target !== undefined) waiting.push(target);
      else if (!file.startsWith(import.meta.dirname) && !specifier.startsWith('node:'))
        packages.push(`${relative(ROOT, file)} imports ${specifier}`);
    }
  }
  expect([...seen].some((file) => file.endsWith('shared/src/topology.ts'))).toBe(true);
  expect(packages).toEqual([]);
});
