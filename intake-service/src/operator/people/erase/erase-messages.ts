import { deadLetterAttributes } from '@paid-community/shared/platform/delivery/dead-letter.ts';
import { deadLetterId, deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import { deleteDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import type { RetainedMessage } from '@paid-community/shared/platform/ports/bus-administration.ts';
import type { Topic } from '@paid-community/shared/platform/ports/topology-types.ts';
import type { OperatorCall } from '../../http/operation.ts';
import { eraseRequest } from './erase-request.ts';
import { MESSAGES, sumErased, type Erased } from './erased.ts';
import { aboutPerson, aboutUser, type Person } from './person.ts';

interface ErasedMessages {
  readonly erased: Erased;
  readonly requestIds: readonly string[];
  /** Where retained messages cannot be removed: how many, and when the last of them is gone. */
  readonly kept: { readonly messages: number; readonly until: string } | undefined;
}

/**
 * Removes a person's messages from a page of what a topic retains. With `requests` it sees to it that their requests
 * have tombstones; without, the documents stay as they are.
 */
export async function eraseMessages(
  topic: Topic,
  page: readonly RetainedMessage[],
  person: Person,
  call: OperatorCall,
  what: 'requests' | 'messages only',
): Promise<ErasedMessages> {
  const isAbout = aboutPerson(person);
  const theirs = page.filter(({ data, attributes }) => isAbout(data, ...Object.values(attributes)));
  if (theirs.length === 0) return { erased: {}, requestIds: [], kept: undefined };
  const isOfUser = aboutUser(person);
  const generations = newestGenerations(what === 'requests' ? theirs.filter(({ data }) => isOfUser(data)) : []);
  const parts = await Promise.all(
    [...generations].map(([requestId, generation]) => eraseRequest(requestId, call, generation)),
  );
  const letters = await eraseLettersOf(theirs, call);
  const removed = await call.administration.bus.removeRetained(
    topic,
    theirs.map(({ messageId }) => messageId),
  );
  const until = new Date(
    Math.max(...theirs.map(({ publishTime }) => publishTime.getTime())) + topic.retentionSeconds * 1_000,
  ).toISOString();
  return {
    erased: sumErased([...parts, { [deadLetters.name]: letters, [MESSAGES]: removed ?? 0 }]),
    requestIds: [...generations.keys()],
    kept: removed === undefined ? { messages: theirs.length, until } : undefined,
  };
}

/** Requests that the messages tell of, each with the number of the newest link among them. */
function newestGenerations(messages: readonly RetainedMessage[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { data } of messages) {
    const requestId = /"requestId":"([0-9a-f-]{36})"/.exec(data)?.[1];
    const generation = Number(/"generation":(\d{1,6})\b/.exec(data)?.[1] ?? 1);
    if (requestId !== undefined) newest.set(requestId, Math.max(generation, newest.get(requestId) ?? 1));
  }
  return newest;
}

/** Letters of these messages, also of those that came to be while all letters were looked through. */
async function eraseLettersOf(messages: readonly RetainedMessage[], { store }: OperatorCall): Promise<number> {
  let removed = 0;
  for (const { attributes, messageId } of messages) {
    const source = attributes[deadLetterAttributes.source];
    if (source === undefined) continue;
    const id = deadLetterId(source, attributes['id'] ?? messageId);
    if ((await store.get(deadLetters, id)) === undefined) continue;
    await store.commit([deleteDocument(deadLetters, id)]);
    removed += 1;
  }
  return removed;
}
