import { randomUUID } from 'node:crypto';
import { retainedReadings, type RetainedReading } from '@paid-community/shared/model/operations/retained-reading.ts';
import { Timestamp } from '@paid-community/shared/platform/delivery/define-event.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { RetainedMessage } from '@paid-community/shared/platform/ports/bus-administration.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { deleteDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { Topic } from '@paid-community/shared/platform/ports/topology-types.ts';
import { defineCursor } from '@paid-community/shared/platform/validation/cursor.ts';
import { Type } from 'typebox';
import type { OperatorDeps } from '../http/operation.ts';

/** A page takes seconds: a reader without a sign for longer has given up. */
const BROKEN_OFF_MS = 60_000;

export interface ReadingRange {
  readonly topic: Topic;
  readonly from: Date | { readonly snapshot: string };
  /** Without it: until now, as the first page was asked for. */
  readonly until?: Date | undefined;
}

interface ReadingPage {
  readonly messages: readonly RetainedMessage[];
  readonly nextCursor: string | undefined;
}

const readingCursor = defineCursor(
  Type.Object({ reading: Type.String(), page: Type.Integer({ minimum: 1 }), until: Timestamp, cursor: Type.String() }),
);

/**
 * A page of the retained messages of a topic, for one reader at a time. On Pub/Sub a page can be read once: a reader
 * that loses one begins anew.
 * @throws HttpError conflict while somebody else reads, or when this reading was broken off; not_found for a snapshot
 * that is gone.
 */
export async function readPage(
  range: ReadingRange,
  cursor: string | undefined,
  limit: number,
  deps: OperatorDeps,
): Promise<ReadingPage> {
  const { store, administration, clock } = deps;
  const { topic, from } = range;
  const position = cursor === undefined ? undefined : readingCursor.decode(cursor);
  const reading = position?.reading ?? randomUUID();
  const page = (position?.page ?? 0) + 1;
  await changeDocument(store, retainedReadings, topic.name, (held) => {
    if (position === undefined) refuseWhileHeld(held, topic, clock.now());
    else if (held?.reading !== position.reading || held.page !== position.page) throw brokenOff();
    return { reading, page, until: new Date(clock.now() + BROKEN_OFF_MS).toISOString() };
  });
  const until = position?.until ?? (range.until ?? new Date(clock.now())).toISOString();
  const query = { topic, from, until: new Date(until), limit };
  const { messages, nextCursor } = await administration.bus.readRetained(
    position === undefined ? query : { ...query, cursor: position.cursor },
  );
  if (nextCursor !== undefined)
    return { messages, nextCursor: readingCursor.encode({ reading, page, until, cursor: nextCursor }) };
  await store.commit([deleteDocument(retainedReadings, topic.name)]);
  return { messages, nextCursor: undefined };
}

/** @throws HttpError conflict while somebody reads one of these topics. */
export async function refuseWhileRead(
  topics: readonly Topic[],
  { store, clock }: Pick<OperatorDeps, 'store' | 'clock'>,
): Promise<void> {
  for (const topic of topics)
    refuseWhileHeld((await store.get(retainedReadings, topic.name))?.data, topic, clock.now());
}

function refuseWhileHeld(held: RetainedReading | undefined, topic: Topic, nowMs: number): void {
  const remainingMs = held === undefined ? 0 : Date.parse(held.until) - nowMs;
  // What is further ahead than a page lasts was written by a clock that was wrong.
  if (remainingMs <= 0 || remainingMs > BROKEN_OFF_MS) return;
  throw new HttpError(
    'conflict',
    `Somebody is reading what ${topic.name} retains, or a command that did was broken off just now. When they are done, or after ${BROKEN_OFF_MS / 1_000} s without a word from them, you can`,
  );
}

function brokenOff(): HttpError {
  return new HttpError(
    'conflict',
    'This reading was broken off, or somebody else has begun one; start again, without a cursor: what was done already is not done twice',
  );
}
