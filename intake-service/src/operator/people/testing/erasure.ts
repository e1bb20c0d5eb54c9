import { rowsOf } from '@paid-community/shared/platform/backends/embedded/testing-rows.ts';
import type { Operator } from '../../testing/open-operator.ts';
import { EVE } from './two-people.ts';

/** All by which anybody could tell that it is about her. */
const TRACES = [
  EVE.userId,
  EVE.transactionId,
  EVE.telegramUserId,
  EVE.username,
  EVE.earlier,
  /https:\/\/t\.me\/\+EvesLink(?!2)/,
];

export async function erase(operator: Operator, asked: object): Promise<Readonly<Record<string, number>>> {
  const sums: Record<string, number> = {};
  // What was published in the very moment is for the next look.
  operator.clock.advance(1_000);
  for (let cursor: string | undefined; ;) {
    const page = await operator.call<{
      readonly erased: Readonly<Record<string, number>>;
      readonly nextCursor?: string;
    }>('person.erase', { ...asked, cursor });
    for (const [name, count] of Object.entries(page.erased)) sums[name] = (sums[name] ?? 0) + count;
    cursor = page.nextCursor;
    if (cursor === undefined) return sums;
  }
}

export async function rows(operator: Operator): Promise<readonly string[]> {
  operator.clock.advance(1);
  const { file } = await operator.backend.administration.store.backUp(undefined);
  return rowsOf(file);
}

/** Without the links that are about to be revoked: nothing says whose they were, and they are deleted then. */
export async function tracesLeft(operator: Operator): Promise<readonly string[]> {
  const lasting = (await rows(operator)).filter((row) => !row.includes('"because":"erased"'));
  return lasting.filter((row) =>
    TRACES.some((trace) =>
      (typeof trace === 'string' ? new RegExp(`(?<![0-9])${trace.replaceAll('+', '\\+')}(?![0-9_])`) : trace).test(row),
    ),
  );
}
