import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';

export interface SourceFile {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

/** Tests, what only tests need, and packages of their own are not counted. */
const NOT_COUNTED =
  /(^|\/)node_modules\/|\.(test|faults|images|contract)\.ts$|(^|\/)(testing|e2e|e2e-gcp|contracts-gcp|faults)\/|^infra\/(tests|gcp|deploy\/gcp|bench\/peers)\//;

/** The TypeScript of these folders, as people write it. */
export async function readSourceFiles(repository: string, folders: readonly string[]): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = [];
  for (const folder of folders)
    for await (const found of glob('**/*.ts', {
      cwd: join(repository, folder),
      exclude: (name) => name === 'node_modules',
    })) {
      const path = `${folder}/${found}`;
      if (!NOT_COUNTED.test(path)) files.push(readSourceFile(repository, path));
    }
  return files.toSorted((a, b) => a.path.localeCompare(b.path));
}

export function readSourceFile(repository: string, path: string): SourceFile {
  const text = readFileSync(join(repository, path), 'utf8');
  return { path, text, lines: text.replace(/\n$/, '').split('\n') };
}
