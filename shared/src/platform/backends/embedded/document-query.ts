import { PermanentError } from '../../ports/errors.ts';
import type { Collection, CollectionIndex } from '../../ports/topology-types.ts';
import type { QueryTarget } from '../document-rules.ts';

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
/** Prefix of every SQLite index that a declared one stands behind. */
export const INDEX_PREFIX = 'query_';

/** `CREATE INDEX` statements by index name, one for each declared index. */
export function indexStatements(collections: readonly Collection<object>[]): Map<string, string> {
  const statements = new Map<string, string>();
  for (const collection of collections) {
    for (const index of collection.indexes) {
      const order = orderTerm(index.orderBy);
      const columns = [...index.where.map(equalityTerm), order, 'id'];
      const covered = [inCollection(collection), ...(index.sparse === true ? [isPresent(order)] : [])];
      statements.set(
        indexName(collection, index),
        `CREATE INDEX ${indexName(collection, index)} ON documents (${columns.join(', ')}) WHERE ${covered.join(' AND ')}`,
      );
    }
  }
  return statements;
}

/** Which of its bounds a query has. */
export interface QueryBounds {
  readonly from: boolean;
  readonly before: boolean;
  readonly cursor: boolean;
}

/**
 * Values to bind: those of `where` in the order of `index.where`, `from`, `before`, order value and id of the cursor,
 * the limit.
 */
export function querySql(
  collection: Collection<object>,
  index: CollectionIndex,
  descending: boolean,
  bounds: QueryBounds,
): string {
  const order = orderTerm(index.orderBy);
  const direction = descending ? 'DESC' : 'ASC';
  const conditions = [
    inCollection(collection),
    ...index.where.map((field) => `${equalityTerm(field)} = ?`),
    isPresent(order),
  ];
  if (bounds.from) conditions.push(`${order} >= ?`);
  if (bounds.before) conditions.push(`${order} < ?`);
  if (bounds.cursor) conditions.push(`(${order}, id) ${descending ? '<' : '>'} (?, ?)`);
  return `SELECT id, version, data, ${order} AS position FROM documents INDEXED BY ${indexName(collection, index)}
    WHERE ${conditions.join(' AND ')} ORDER BY ${order} ${direction}, id ${direction} LIMIT ?`;
}

export function countSql(collection: Collection<object>, index: CollectionIndex): string {
  const conditions = [inCollection(collection), ...index.where.map((field) => `${equalityTerm(field)} = ?`)];
  return `SELECT count(*) AS count FROM documents INDEXED BY ${indexName(collection, index)} WHERE ${conditions.join(' AND ')}`;
}

/** JSON text, because SQLite's own values do not tell true from 1. */
export function equalityValues(index: CollectionIndex, where: QueryTarget['where']): string[] {
  return index.where.map((field) => JSON.stringify(where[field]));
}

function indexName(collection: Collection<object>, index: CollectionIndex): string {
  return [INDEX_PREFIX + checkedName(collection.name), ...index.where, index.orderBy].map(checkedName).join('__');
}

// Constants of the topology, and literals in the SQL: a partial index is used only when the text of both agrees.
function inCollection(collection: Collection<object>): string {
  return `collection = '${checkedName(collection.name)}'`;
}

function isPresent(term: string): string {
  return `${term} IS NOT NULL`;
}

function equalityTerm(field: string): string {
  return `data -> '$."${checkedName(field)}"'`;
}

function orderTerm(field: string): string {
  return `data ->> '$."${checkedName(field)}"'`;
}

function checkedName(name: string): string {
  if (!NAME.test(name))
    throw new PermanentError(
      'invalid_index',
      `Names in an index are made of letters, digits and underscores, unlike ${name}`,
    );
  return name;
}
