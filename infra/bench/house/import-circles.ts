import { posix } from 'node:path';
import { preProcessFile } from 'typescript';
import type { SourceFile } from './source-files.ts';

const OWN_PACKAGE = /^@paid-community\/([^/]+)\/(.+)$/;

/** Groups of files that reach each other by imports, those of types included; each group is sorted. */
export function importCircles(files: readonly SourceFile[]): readonly (readonly string[])[] {
  const known = new Set(files.map(({ path }) => path));
  const imports = new Map(files.map((file) => [file.path, importsOf(file, known)]));
  return stronglyConnected(imports)
    .filter((group) => group.length > 1)
    .map((group) => group.toSorted());
}

function importsOf({ path, text }: SourceFile, known: ReadonlySet<string>): readonly string[] {
  return preProcessFile(text).importedFiles.flatMap(({ fileName }) => {
    const [, name, rest] = OWN_PACKAGE.exec(fileName) ?? [];
    const candidates =
      name === undefined || rest === undefined
        ? [posix.join(posix.dirname(path), fileName)]
        : [`${name}/src/${rest}`, `${name}/${rest}`];
    return candidates.filter((candidate) => known.has(candidate));
  });
}

/** Tarjan's algorithm: https://doi.org/10.1137/0201010 */
function stronglyConnected(edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const groups: string[][] = [];
  const stack: string[] = [];
  const index = new Map<string, number>();
  const lowest = new Map<string, number>();

  function visit(node: string): number {
    const own = index.size;
    index.set(node, own);
    stack.push(node);
    let low = own;
    for (const next of edges.get(node) ?? []) {
      if (!index.has(next)) low = Math.min(low, visit(next));
      else if (stack.includes(next)) low = Math.min(low, lowest.get(next) ?? index.get(next) ?? own);
    }
    lowest.set(node, low);
    if (low === own) groups.push(stack.splice(stack.indexOf(node)));
    return low;
  }

  for (const node of edges.keys()) if (!index.has(node)) visit(node);
  return groups;
}
