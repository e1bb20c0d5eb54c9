import { timeRange } from '../arguments.ts';
import type { CommandContext } from '../command.ts';

/** Which letters are meant. */
export const filterOptions = {
  source: { type: 'string', value: 'N', description: 'only those of this subscription or queue' },
  code: { type: 'string', value: 'C', description: 'only those whose newest failure has this code' },
  since: { type: 'string', value: 'T', description: 'only those that failed last at this time or later' },
  until: { type: 'string', value: 'T', description: 'only those that failed last before this time' },
} as const;

type FilterValues = { readonly [Name in keyof typeof filterOptions]?: string };

export function filterOf(
  { source, code, ...times }: FilterValues,
  now: number,
): { readonly [Name in keyof FilterValues]: string | undefined } {
  return { source, code, ...timeRange(times, now) };
}

/** How many letters are meant; undefined where times are asked for. */
export async function countOf(
  ids: readonly string[],
  filter: ReturnType<typeof filterOf>,
  { api }: Pick<CommandContext, 'api'>,
): Promise<number | undefined> {
  if (ids.length > 0) return ids.length;
  return (await api.get<{ readonly total?: number }>('/dead-letters', { ...filter, limit: 1 })).total;
}
