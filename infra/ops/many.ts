import type { CommandContext } from './command.ts';
import { exitCodes, type CommandExit } from './exit-codes.ts';
import { formatTable } from './table.ts';

/** What the operations answer that act on many things, a page for each call. */
interface ManyAnswer {
  readonly done: number;
  readonly skipped: readonly NotDone[];
  readonly failed: readonly NotDone[];
  readonly nextCursor?: string;
}

interface NotDone {
  readonly id: string;
  readonly reason: string;
}

export interface ManyWork {
  /** What is done, as the progress and the result say it: `retried`. */
  readonly verb: string;
  readonly path: string;
  /** One after the other. */
  readonly bodies: readonly object[];
  /** When it is known. */
  readonly total?: number | undefined;
}

const SHOWN = 20;
const IDS_PER_CALL = 50;

/** Calls again and again until nothing is left, and says in numbers what was done. Code 1 when something failed. */
export async function workThrough(
  { verb, path, bodies, total }: ManyWork,
  { api, output }: Pick<CommandContext, 'api' | 'output'>,
): Promise<CommandExit> {
  const progress = output.progress(verb, total);
  const skipped: NotDone[] = [];
  const failed: NotDone[] = [];
  let done = 0;
  let cursor: string | undefined;
  try {
    for (const part of bodies.flatMap(partsOf)) {
      do {
        const answer: ManyAnswer = await api.post<ManyAnswer>(path, { ...part, cursor });
        done += answer.done;
        skipped.push(...answer.skipped);
        failed.push(...answer.failed);
        cursor = answer.nextCursor;
        progress.update(done + skipped.length + failed.length);
      } while (cursor !== undefined);
    }
  } finally {
    progress.stop();
  }
  output.result({ [verb]: done, skipped, failed }, () =>
    [
      `${done} ${verb}, ${skipped.length} skipped, ${failed.length} failed.`,
      ...describe('Skipped', skipped),
      ...describe('Failed', failed),
    ].join('\n'),
  );
  // Asked for by name, and nothing of it could be done.
  const nothingDone = done === 0 && bodies.some((body) => 'ids' in body);
  return failed.length > 0 || nothingDone ? exitCodes.failures : exitCodes.done;
}

/** The API takes a bounded number of ids. */
function partsOf(body: object): readonly object[] {
  if (!('ids' in body) || !Array.isArray(body.ids)) return [body];
  const ids = [...new Set(body.ids as string[])];
  return Array.from({ length: Math.ceil(ids.length / IDS_PER_CALL) }, (_, part) => ({
    ...body,
    ids: ids.slice(part * IDS_PER_CALL, (part + 1) * IDS_PER_CALL),
  }));
}

function describe(title: string, entries: readonly NotDone[]): string[] {
  if (entries.length === 0) return [];
  const heading = entries.length > SHOWN ? `${title}, the first ${SHOWN} (--json has all):` : `${title}:`;
  return [
    '',
    heading,
    formatTable(
      [],
      entries.slice(0, SHOWN).map(({ id, reason }) => [`  ${id}`, reason]),
    ),
  ];
}
