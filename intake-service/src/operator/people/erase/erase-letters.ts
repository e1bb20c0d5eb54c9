import { deadLetters, type DeadLetter } from '@paid-community/shared/model/operations/dead-letter.ts';
import { deleteDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { OperatorCall } from '../../http/operation.ts';
import { aboutPerson, type Person } from './person.ts';

const PAGE = 100;

/**
 * In every state: letters of every source are kept as long as documents, far longer than the messages that they came
 * by.
 */
const STATES: readonly DeadLetter['status'][] = ['open', 'retrying', 'retried', 'discarded'];

interface Position {
  readonly state: number;
  readonly cursor?: string | undefined;
}

/**
 * Removes the person's from a page of all dead letters; `next` is where the next page begins, undefined after the last.
 */
export async function eraseLetters(
  person: Person,
  { state, cursor }: Position,
  { store }: OperatorCall,
): Promise<{ readonly removed: number; readonly next: Position | undefined }> {
  const status = STATES[state] ?? 'open';
  const page = await store.query({
    collection: deadLetters,
    where: { status },
    orderBy: { field: 'lastAt', direction: 'ascending' },
    limit: PAGE,
    cursor,
  });
  const isAbout = aboutPerson(person);
  const theirs = page.documents.filter(({ data }) => isAbout(...textsOf(data)));
  if (theirs.length > 0) await store.commit(theirs.map(({ id }) => deleteDocument(deadLetters, id)));
  if (page.nextCursor !== undefined) return { removed: theirs.length, next: { state, cursor: page.nextCursor } };
  return { removed: theirs.length, next: state + 1 < STATES.length ? { state: state + 1 } : undefined };
}

function textsOf({ message, history, actions }: DeadLetter): string[] {
  return [
    message.data,
    ...Object.values(message.attributes),
    ...history.map(({ reason }) => reason),
    ...actions.map(({ reason = '' }) => reason),
  ];
}
