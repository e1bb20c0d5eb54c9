import { UsageError } from '../command-line/usage-error.ts';

/**
 * These, or those that match, or all: one of the three must be said. Returns it as the API takes it. @throws UsageError
 */
export function whichOnes(
  ids: readonly string[],
  filter: Readonly<Record<string, string | number | undefined>>,
  all: boolean,
): object {
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  if (ids.length > 0) {
    if (isFiltered || all) throw new UsageError('Either ids, or options that choose, not both');
    return { ids };
  }
  if (!isFiltered && !all) throw new UsageError('Which ones? Give ids, or options that choose, or --all');
  return filter;
}
