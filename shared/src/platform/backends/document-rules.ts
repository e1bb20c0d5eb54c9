import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { InvalidArgumentError, PermanentError } from '../ports/errors.ts';
import type { Query, Write } from '../ports/document-store.ts';
import type { Collection, CollectionIndex } from '../ports/topology-types.ts';
import { defineCursor, InvalidCursorError } from '../validation/cursor.ts';

// What the port asks of ids, commits, queries and cursors, checked in the same way on every backend.

/** The shape of a query, without its values: what an index must match. */
export type QueryTarget = Pick<Query<object>, 'collection' | 'where'>;

export interface CursorPosition {
  readonly orderValue: string | number;
  readonly id: string;
}

const DOCUMENT_ID = /^[^/]{1,400}$/u;
/** Firestore allows 1,500; one is kept for an escape character. */
const MAX_ID_BYTES = 1_499;
/** Firestore: 1 MiB with all names and overhead. */
const MAX_DOCUMENT_BYTES = 1_000_000;
const MAX_WRITES = 500;
const MAX_LIMIT = 1_000;

/** @throws InvalidArgumentError */
export function checkId(id: string): void {
  if (!isDocumentId(id)) {
    throw new InvalidArgumentError(
      'invalid_document_id',
      `A document id has 1 to 400 characters, at most ${MAX_ID_BYTES} bytes and no slash`,
    );
  }
}

function isDocumentId(id: string): boolean {
  return DOCUMENT_ID.test(id) && id.isWellFormed() && Buffer.byteLength(id) <= MAX_ID_BYTES;
}

/** @throws PermanentError */
export function checkWrites(writes: readonly Write[]): void {
  if (writes.length < 1 || writes.length > MAX_WRITES) {
    throw new PermanentError('invalid_commit', `A commit has 1 to ${MAX_WRITES} writes; this one has ${writes.length}`);
  }
  for (const write of writes) {
    checkId(write.id);
    if (write.kind !== 'delete') checkShape(write.data, false);
  }
  const places = new Set(writes.map((write) => `${write.collection}/${write.id}`));
  if (places.size < writes.length)
    throw new PermanentError('invalid_commit', 'Each write of a commit must be of another document');
}

/** @throws PermanentError when the JSON text of a document is too long. */
export function checkDocumentSize(json: string): void {
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_DOCUMENT_BYTES)
    throw new PermanentError(
      'document_too_large',
      `A document has at most ${MAX_DOCUMENT_BYTES} bytes; this one has ${bytes}`,
    );
}

// What Firestore refuses.
function checkShape(value: unknown, isInArray: boolean): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    if (isInArray) throw new PermanentError('invalid_document', 'A document has no array directly inside an array');
    for (const item of value) checkShape(item, true);
    return;
  }
  for (const [name, item] of Object.entries(value)) {
    if (name.length > 3 && name.startsWith('__') && name.endsWith('__'))
      throw new PermanentError('invalid_document', 'No property of a document is named __…__');
    checkShape(item, false);
  }
}

/** @throws PermanentError */
export function checkLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return;
  throw new PermanentError('invalid_query', `A page has 1 to ${MAX_LIMIT} documents; asked for ${limit}`);
}

const EXPIRY = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** @throws PermanentError unless the TTL field of a document, where its collection has one, is absent or a time. */
export function checkExpiry({ name, ttlField }: Collection<object>, data: object): void {
  if (ttlField === undefined) return;
  const expiry = (data as Readonly<Record<string, unknown>>)[ttlField];
  if (expiry === undefined || (typeof expiry === 'string' && EXPIRY.test(expiry) && !Number.isNaN(Date.parse(expiry))))
    return;
  throw new PermanentError(
    'invalid_document',
    `${ttlField} of a document in ${name} is a time in UTC such as 2027-01-31T08:00:00.000Z`,
  );
}

export function isExpired({ ttlField }: Collection<object>, data: object, nowMs: number): boolean {
  if (ttlField === undefined) return false;
  const expiry = (data as Readonly<Record<string, unknown>>)[ttlField];
  return typeof expiry === 'string' && Date.parse(expiry) <= nowMs;
}

/** The collections of a topology by name; asking for another one throws PermanentError. */
export function declaredCollections(collections: readonly Collection<object>[]): (name: string) => Collection<object> {
  const byName = new Map(collections.map((collection) => [collection.name, collection]));
  return (name) => {
    const collection = byName.get(name);
    if (collection === undefined)
      throw new PermanentError('unknown_collection', `The topology declares no collection ${name}`);
    return collection;
  };
}

/** @throws PermanentError when no declared index serves the query: it would have to read the whole collection. */
export function findIndex(declared: Collection<object>, target: QueryTarget, orderBy?: string): CollectionIndex {
  const fields = Object.keys(target.where);
  const index = declared.indexes.find(
    ({ where, orderBy: order, sparse }) =>
      (orderBy === undefined ? sparse !== true : order === orderBy) &&
      where.length === fields.length &&
      where.every((field) => fields.includes(field)),
  );
  if (index !== undefined) return index;
  const ordered = orderBy === undefined ? '' : ` ordered by ${orderBy}`;
  throw new PermanentError(
    'undeclared_query',
    `${declared.name} declares no index for where [${fields.join(', ')}]${ordered}`,
  );
}

const positionCursor = defineCursor(
  Type.Tuple([Type.String(), Type.Union([Type.String(), Type.Number()]), Type.String()]),
);

export function encodeCursor(query: Query<object>, { orderValue, id }: CursorPosition): string {
  return positionCursor.encode([fingerprint(query), orderValue, id]);
}

/** @throws InvalidCursorError for a text that is not a cursor of this very query. */
export function decodeCursor(query: Query<object>, cursor: string): CursorPosition {
  const [madeFor, orderValue, id] = positionCursor.decode(cursor);
  if (madeFor !== fingerprint(query) || !isDocumentId(id)) throw new InvalidCursorError();
  return { orderValue, id };
}

function fingerprint({ collection, where, orderBy }: Query<object>): string {
  const equality = Object.entries(where).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([collection.name, equality, orderBy.field, orderBy.direction]))
    .digest('base64url')
    .slice(0, 8);
}
