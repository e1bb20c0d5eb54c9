import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { EACH_ITS_OWN, type Collection } from '@paid-community/shared/platform/ports/topology-types.ts';
import { SERVICES, topology } from '@paid-community/shared/topology.ts';

// Each collection has one owner. Who else writes it must be declared with the collection, with the reason.

const ROOT = join(import.meta.dirname, '../../..');

const OPERATOR = 'intake-service/src/operator/';

interface Source {
  /** As from the root: link-worker/src/… */
  readonly path: string;
  readonly text: string;
}

const sources = [...SERVICES.map((service) => `${service}/src`), 'shared/src'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file}`)
    .filter((path) => path.endsWith('.ts') && !/\.test\.ts$|\/testing\/|^shared\/src\/platform\//.test(path))
    .map((path): Source => ({ path, text: readFileSync(join(ROOT, path), 'utf8') })),
);

/** The exported name under which the model has a collection: `inviteRequests` for invite_requests. */
const variableOf = new Map(
  sources.flatMap(({ text }) =>
    [...text.matchAll(/export const (\w+): Collection<\w+> = \{\s*name: '(\w+)'/g)].map(
      ([, variable = '', name = '']) => [name, variable] as const,
    ),
  ),
);

/** Collections that nothing but functions of this file write, for all who may. */
const writtenBy: Readonly<Record<string, { readonly path: string; readonly functions: string }>> = {
  memberships: { path: 'shared/src/memberships/change-membership.ts', functions: 'changeMembership|storeChange' },
};

/** The files that write a collection: by the first argument of what makes a write, or the second of what commits one. */
function writersOf({ name }: Collection<object>, among: readonly Source[] = sources): readonly string[] {
  const variable = variableOf.get(name) ?? '';
  const writes = new RegExp(
    `\\b(createDocument|updateDocument|deleteDocument)\\(\\s*${variable}\\b` +
      `|\\b(createIfAbsent|changeDocuments?|restore)\\(\\s*(\\{[^}]*\\}|[\\w.#]+),\\s*${variable}\\b` +
      // Another name would hide a write.
      `|\\b${variable} as \\w+` +
      (writtenBy[name] === undefined ? '' : `|\\b(${writtenBy[name].functions})\\(`),
  );
  return among.filter(({ text, path }) => writes.test(text) && path !== writtenBy[name]?.path).map(({ path }) => path);
}

function mayWrite({ owner, operatorWrites, otherWriters = {} }: Collection<object>, path: string): boolean {
  if (operatorWrites !== false && path.startsWith(OPERATOR)) return true;
  const service = path.split('/', 1)[0] ?? '';
  return owner === EACH_ITS_OWN || service === owner || service in otherWriters;
}

describe.each(topology.collections.map((collection) => [collection.name, collection] as const))(
  '%s',
  (_, collection) => {
    test('only its owner writes it, and those that it names', () => {
      const others = writersOf(collection).filter((path) => !mayWrite(collection, path));
      expect(others).toEqual([]);
    });

    test('its owner does write it, and so does each that it names', () => {
      const writers = writersOf(collection);
      const { owner, operatorWrites, otherWriters = {} } = collection;
      const isOwners = (path: string): boolean => path.startsWith(owner === EACH_ITS_OWN ? 'shared/' : `${owner}/`);
      expect(writers.filter(isOwners)).not.toEqual([]);
      for (const service of Object.keys(otherWriters))
        expect(writers.filter((path) => path.startsWith(`${service}/`) && !path.startsWith(OPERATOR))).not.toEqual([]);
      expect(writers.some((path) => path.startsWith(OPERATOR))).toBe(operatorWrites !== false);
    });
  },
);

test('a collection is written by its name; only operations have a walk over several', () => {
  const names = [...variableOf.values()].join('|');
  const unnamed = new RegExp(
    `\\b(createDocument|updateDocument|deleteDocument)\\((?!\\s*(${names})\\b)` +
      `|\\b(createIfAbsent|changeDocument)\\((?!\\s*[\\w.#]+,\\s*(${names})\\b)`,
  );
  const walks = sources.filter(({ text }) => unnamed.test(text)).map(({ path }) => path);
  expect(walks.filter((path) => !path.startsWith(OPERATOR))).toEqual([]);
});

test('a write by somebody else is seen', () => {
  const collection = topology.collections.find(({ name }) => name === 'emissions');
  if (collection === undefined) throw new Error('The ledger is a collection');
  const written = [
    'await createIfAbsent(store, emissions, id, entry)',
    'await changeDocument(\n  this.#store,\n  emissions,\n  id, change)',
    'createDocument(emissions, id, entry)',
  ].map((text, index) => ({ path: `link-worker/src/${index}.ts`, text }));
  expect(writersOf(collection, written)).toHaveLength(3);
  expect(written.some(({ path }) => mayWrite(collection, path))).toBe(false);
});
