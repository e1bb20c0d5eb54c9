import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const NOT_OURS = new Set(['node_modules', '.git', '.data', 'coverage']);

/** All files of the repository, as paths from its root. */
export const FILES: readonly string[] = filesIn(ROOT);

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [relative(ROOT, path)];
  });
}

export const PAGES: readonly string[] = FILES.filter((file) => file.endsWith('.md'));

export function linesOf(page: string): readonly string[] {
  return readFileSync(join(ROOT, page), 'utf8').trimEnd().split('\n');
}

/** The text that a person wrote: without code blocks, comments and the tables that programs write. */
export function proseOf(page: string): string {
  return linesOf(page)
    .join('\n')
    .replaceAll(/<!-- prettier-ignore-start -->[^]*?<!-- prettier-ignore-end -->/g, '')
    .replaceAll(/^```[^]*?^```/gm, '')
    .replaceAll(/(?<=\n\n)(?: {4,}.*\n?)+/g, '')
    .replaceAll(/<!--[^]*?-->/g, '');
}

/** Links of a page that lead to no file, or to no heading of it. */
export function brokenLinks(page: string): readonly string[] {
  const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(page, target));
}

function leadsSomewhere(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || anchorsOf(file).includes(anchor);
}

/** As GitHub makes them: small letters, no punctuation, a hyphen for each blank. */
function anchorsOf(page: string): readonly string[] {
  return linesOf(page)
    .filter((line) => /^#+ /.test(line))
    .map((line) => line.replace(/^#+ /, '').toLowerCase())
    .map((title) => title.replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));
}

const OUR_EXTENSIONS = /\w\.(ts|js|md|svg|csv|yaml|yml|sql)$/;
const FOLDERS = readdirSync(ROOT, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

/** Paths in backticks that look like a file or folder of the repository, and are none. */
export function deadPaths(page: string): readonly string[] {
  const quoted = [...proseOf(page).matchAll(/`([\w.@/-]+)`/g)].map(([, path = '']) => path);
  return quoted.filter((path) => looksLikeOurs(path) && !isThere(page, path));
}

function looksLikeOurs(path: string): boolean {
  return OUR_EXTENSIONS.test(path) || FOLDERS.some((folder) => path.startsWith(`${folder}/`));
}

/** A path counts from the root or from the page; the end of one will do, as in a list of files of one folder. */
function isThere(page: string, path: string): boolean {
  const places = [path, join(dirname(page), path)];
  return places.some((place) => existsSync(join(ROOT, place))) || FILES.some((file) => file.endsWith(`/${path}`));
}
