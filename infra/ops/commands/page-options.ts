import { wholeNumberArgument } from '../arguments.ts';
import type { Options } from '../command.ts';

/** Options of a command that shows a page. */
export const pageOptions = {
  limit: { type: 'string', value: 'N', description: 'so many, up to 200 (default: 50)' },
  cursor: { type: 'string', value: 'C', description: 'go on where a page ended' },
} as const satisfies Options;

/** As the API takes them. @throws UsageError */
export function pageOf({ limit, cursor }: { readonly limit?: string; readonly cursor?: string }): {
  readonly limit: number | undefined;
  readonly cursor: string | undefined;
} {
  return { limit: wholeNumberArgument('limit', limit, 200), cursor };
}

/** The lines below a page that is not the last one. */
export function linesOfNextPage(nextCursor: string | undefined): readonly string[] {
  return nextCursor === undefined ? [] : ['', `There are more: --cursor ${nextCursor}`];
}
