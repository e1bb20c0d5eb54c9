import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const COPIED = ['shared', 'intake-service', 'link-worker', 'join-tracker', 'event-emitter'];

export interface Block {
  readonly kind: 'ts' | 'diff';
  /** Of the file that is made or changed. */
  readonly path: string;
  readonly text: string;
}

/** The code blocks of a page whose first line names a file: ```ts <path> and ```diff <path>. */
export function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```(ts|diff) (\S+)\n([^]*?)^```$/gm)].map(([, kind, path = '', code = '']) => ({
    kind: kind === 'diff' ? 'diff' : 'ts',
    path,
    text: code,
  }));
}

/** The services, shared and the packages, so that what is written there resolves as it does here. */
export function copyOfTheTree(folder: string): void {
  for (const part of COPIED)
    cpSync(join(ROOT, part), join(folder, part), {
      recursive: true,
      filter: (path) => basename(path) !== 'node_modules',
    });
  for (const file of ['package.json', 'tsconfig.json', 'strip-types.js']) cpSync(join(ROOT, file), join(folder, file));
  linkPackages(ROOT, folder);
  for (const part of COPIED) linkPackages(join(ROOT, part), join(folder, part));
  const own = join(folder, 'node_modules/@paid-community');
  mkdirSync(own);
  for (const part of COPIED) symlinkSync(join(folder, part), join(own, part));
}

function linkPackages(from: string, to: string): void {
  mkdirSync(join(to, 'node_modules'), { recursive: true });
  for (const name of namesIn(join(from, 'node_modules')))
    if (name !== '@paid-community') symlinkSync(join(from, 'node_modules', name), join(to, 'node_modules', name));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // A workspace without packages of its own.
    return [];
  }
}

/** @throws when a file is there already, or when what is to be changed is not there exactly once. */
export function follow({ kind, path, text }: Block, folder: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  if (kind === 'ts') {
    writeFileSync(file, text, { flag: 'wx' });
    return;
  }
  const lines = text.split('\n').slice(0, -1);
  const side = (without: string): string =>
    lines.flatMap((line) => (line.startsWith(without) ? [] : [`${line.slice(1)}\n`])).join('');
  const before = readFileSync(file, 'utf8');
  const parts = before.split(side('+'));
  if (parts.length !== 2) throw new Error(`${path} has this ${parts.length - 1} times:\n${side('+')}`);
  writeFileSync(file, parts.join(side('-')));
}
