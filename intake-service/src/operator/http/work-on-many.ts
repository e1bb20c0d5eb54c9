import { errorMessage } from '@paid-community/shared/platform/ports/errors.ts';
import pMap from 'p-map';
import { Type } from 'typebox';

/** Pieces of one page that are worked on at once. */
const CONCURRENCY = 10;

/** Input field of an operation on many things at once. */
export const idsField = {
  ids: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 400 }), {
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      description: 'just these',
    }),
  ),
};

const NotDone = Type.Array(Type.Object({ id: Type.String(), reason: Type.String() }));

export const manyAnswer = {
  done: Type.Integer(),
  skipped: Type.Unsafe<readonly { readonly id: string; readonly reason: string }[]>({
    ...NotDone,
    description: 'nothing was to be done, or somebody else is at it',
  }),
  failed: Type.Unsafe<readonly { readonly id: string; readonly reason: string }[]>({
    ...NotDone,
    description: 'it was tried, and may be tried again',
  }),
  nextCursor: Type.Optional(Type.String({ description: 'there is more: call again with it' })),
};

/** What became of one thing. */
export type Outcome = { readonly kind: 'done' } | { readonly kind: 'skipped' | 'failed'; readonly reason: string };

export const done: Outcome = { kind: 'done' };
export const skipped = (reason: string): Outcome => ({ kind: 'skipped', reason });

export interface ManyOutcomes {
  readonly done: number;
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
  readonly failed: readonly { readonly id: string; readonly reason: string }[];
}

/** Does it for each; what is thrown for one is told, and stops none of the others. */
export async function forEachOf(ids: readonly string[], act: (id: string) => Promise<Outcome>): Promise<ManyOutcomes> {
  const outcomes = await pMap(ids, async (id) => ({ id, outcome: await act(id).catch(failedWith) }), {
    concurrency: CONCURRENCY,
  });
  const reasonsOf = (kind: 'skipped' | 'failed'): ManyOutcomes['failed'] =>
    outcomes.flatMap(({ id, outcome }) => (outcome.kind === kind ? [{ id, reason: outcome.reason }] : []));
  return {
    done: outcomes.filter(({ outcome }) => outcome.kind === 'done').length,
    skipped: reasonsOf('skipped'),
    failed: reasonsOf('failed'),
  };
}

function failedWith(error: unknown): Outcome {
  return { kind: 'failed', reason: errorMessage(error) };
}

export function numbersOf(outcomes: ManyOutcomes | undefined): {
  readonly done: number | undefined;
  readonly skipped: number | undefined;
  readonly failed: number | undefined;
} {
  return { done: outcomes?.done, skipped: outcomes?.skipped.length, failed: outcomes?.failed.length };
}
