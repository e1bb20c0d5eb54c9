import { FILES, linesOf } from './pages.ts';

const PLACES = [
  'shared/src',
  'shared/src/model',
  'shared/src/platform',
  'intake-service/src',
  'link-worker/src',
  'join-tracker/src',
  'event-emitter/src',
  'infra',
];

/** The folders that the map must have: those in PLACES, but not what only tests use. */
export const FOLDERS_TO_MAP: readonly string[] = [
  ...new Set(PLACES.flatMap((place) => [...PLACES, ...FILES.map(folderOf)].flatMap((path) => childOf(place, path)))),
].sort();

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/'));
}

/** The folder directly in `place` through which the path leads. */
function childOf(place: string, path: string): readonly string[] {
  const name = path.startsWith(`${place}/`) ? path.slice(place.length + 1).split('/')[0] : undefined;
  return name === undefined || (name === 'testing' && !place.endsWith('platform')) ? [] : [`${place}/${name}`];
}

/** The folders of the code block "Where a line belongs": a name that ends in / , below the folder of less indentation. */
export function mappedFolders(): readonly string[] {
  const lines = linesOf('ARCHITECTURE.md');
  const block = lines.slice(lines.indexOf('## Where a line belongs') + 1);
  const above: { readonly indent: number; readonly path: string }[] = [];
  const found: string[] = [];
  for (const line of block.slice(
    0,
    block.findIndex((text) => /^\S/.test(text)),
  )) {
    const [, blanks = '', name] = /^( +)(\S+)\/( |$)/.exec(line) ?? [];
    if (name === undefined) continue;
    while ((above.at(-1)?.indent ?? -1) >= blanks.length) above.pop();
    const path = [above.at(-1)?.path ?? [], name].flat().join('/');
    above.push({ indent: blanks.length, path });
    if (above.length > 1) found.push(path);
  }
  return found.sort();
}
