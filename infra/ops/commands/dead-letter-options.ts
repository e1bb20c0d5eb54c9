import type { Query } from '../ops-api.ts';

/** Which letters are meant. */
export const filterOptions = {
  status: { type: 'string', value: 'S', description: 'open (default), retrying, retried or discarded' },
  source: { type: 'string', value: 'N', description: 'only those of this subscription or queue' },
  code: { type: 'string', value: 'C', description: 'only those whose newest failure has this code' },
} as const;

type FilterValues = { readonly [Name in keyof typeof filterOptions]?: string };

export function queryOf({ status, source, code }: FilterValues): Query {
  return { status, source, code };
}
