import type { DocumentStore, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { ConflictError } from '@paid-community/shared/platform/ports/errors.ts';

/** Documents of a simulation: as much of a store as the pace of the bots needs. */
export function memoryStore(): DocumentStore {
  const documents = new Map<string, { readonly data: object; readonly version: string }>();
  let writes = 0;
  const unused = (): never => {
    throw new Error('A simulation does not look for documents');
  };
  return {
    get: <T extends object>({ name }: { readonly name: string }, id: string) => {
      const known = documents.get(`${name}/${id}`);
      return Promise.resolve(known === undefined ? undefined : ({ id, ...known } as Snapshot<T>));
    },
    commit: (all) => {
      for (const write of all) {
        const key = `${write.collection}/${write.id}`;
        const known = documents.get(key);
        const isExpected = write.kind === 'update' ? known?.version === write.ifVersion : known === undefined;
        if (write.kind !== 'delete' && !isExpected) return Promise.reject(new ConflictError('Somebody was first'));
        if (write.kind === 'delete') documents.delete(key);
        else documents.set(key, { data: write.data, version: String((writes += 1)) });
      }
      return Promise.resolve();
    },
    query: unused,
    count: unused,
  };
}
