import { Ajv, type JSONSchemaType } from 'ajv';
import { topology } from '@paid-community/shared/topology.ts';
import { firestoreIndexes } from '../generated/firestore/firestore-indexes.ts';
import { logicalName, nameOfIndex } from './firestore.ts';

/**
 * The file that `pulumi import --file` takes
 * (https://www.pulumi.com/docs/iac/guides/migration/import/#bulk-import-operations).
 */
export interface Adoption {
  readonly resources: readonly { readonly type: string; readonly name: string; readonly id: string }[];
}

interface ListedIndex {
  name: string;
  fields: { fieldPath: string; order?: string }[];
}

const listedIndexes: JSONSchemaType<ListedIndex[]> = {
  type: 'array',
  items: {
    type: 'object',
    required: ['name', 'fields'],
    properties: {
      name: { type: 'string' },
      fields: {
        type: 'array',
        items: {
          type: 'object',
          required: ['fieldPath'],
          properties: { fieldPath: { type: 'string' }, order: { type: 'string', nullable: true } },
        },
      },
    },
  },
};

/**
 * What a restored database brings along and the program declares too: itself and its composite indexes. To make these
 * would be refused, because they are there. Backup schedules, TTL policies and exemptions of fields are set by the next
 * `up`. `listed` is what `gcloud firestore indexes composite list --format=json` prints. @throws Error when it is not
 * that.
 */
export function adoption(project: string, database: string, listed: string): Adoption {
  const indexes = parse(listed);
  return {
    resources: [
      {
        type: 'gcp:firestore/database:Database',
        name: logicalName('documents', database),
        id: `projects/${project}/databases/${database}`,
      },
      ...firestoreIndexes(topology).indexes.flatMap((declared) => {
        const wanted = keyOf(declared.collectionGroup, declared.fields);
        const found = indexes.find(
          ({ name, fields }) =>
            name.startsWith(`projects/${project}/databases/${database}/`) &&
            keyOf(collectionOf(name), fields) === wanted,
        );
        return found === undefined
          ? []
          : [{ type: 'gcp:firestore/index:Index', name: logicalName(nameOfIndex(declared), database), id: found.name }];
      }),
    ],
  };
}

function parse(listed: string): readonly ListedIndex[] {
  const isListed = new Ajv().compile(listedIndexes);
  let value: unknown;
  try {
    value = JSON.parse(listed);
  } catch (error) {
    throw new Error(
      'Standard input is no JSON: pipe `gcloud firestore indexes composite list --format=json` into this',
      { cause: error },
    );
  }
  if (!isListed(value))
    throw new Error(
      'Standard input is no list of indexes: pipe `gcloud firestore indexes composite list --format=json` into this',
    );
  return value;
}

/** projects/…/databases/…/collectionGroups/<collection>/indexes/<id> */
function collectionOf(name: string): string {
  return name.split('/')[5] ?? '';
}

/** Firestore adds the document's own name as the last field of each. */
function keyOf(
  collection: string,
  fields: readonly { readonly fieldPath: string; readonly order?: string | null }[],
): string {
  return JSON.stringify([
    collection,
    ...fields.filter(({ fieldPath }) => fieldPath !== '__name__').map(({ fieldPath, order }) => [fieldPath, order]),
  ]);
}
