import { deadLetterAttributes } from '@paid-community/shared/delivery/dead-letter.ts';
import { deadLetterId, deadLetters } from '@paid-community/shared/documents/dead-letters.ts';
import { deleteDocument } from '@paid-community/shared/ports/document-store.ts';
import type { RetainedMessage } from '@paid-community/shared/ports/bus-administration.ts';
import type { Topic } from '@paid-community/shared/topology-types.ts';
import type { OperatorCall } from '../operation.ts';
import { eraseRequest } from './erase-request.ts';
import { nothingErased, sumErased, type Erased } from './erased.ts';

export interface Person {
  readonly userId: string;
  readonly telegramUserId?: string | undefined;
}

interface ErasedMessages {
  readonly erased: Erased;
  readonly requestIds: readonly string[];
  /** Where retained messages cannot be removed: how many, and when the last of them is gone. */
  readonly kept: { readonly messages: number; readonly until: string } | undefined;
}

/** Removes a person's messages from a page of what a topic retains, and sees to it that their requests have tombstones. */
export async function eraseMessages(topic: Topic, page: readonly RetainedMessage[], person: Person, call: OperatorCall): Promise<ErasedMessages> {
  const theirs = page.filter(({ data }) => isOf(person, data));
  if (theirs.length === 0) return { erased: nothingErased, requestIds: [], kept: undefined };
  const requestIds = [...new Set(theirs.flatMap(({ data }) => requestIdIn(data)))];
  const parts = await Promise.all(requestIds.map((requestId) => eraseRequest(requestId, call)));
  const letters = await eraseLetters(theirs, call);
  const removed = await call.administration.bus.removeRetained(topic, theirs.map(({ messageId }) => messageId));
  const until = new Date(Math.max(...theirs.map(({ publishTime }) => publishTime.getTime())) + topic.retentionSeconds * 1_000).toISOString();
  return {
    erased: sumErased([...parts, { ...nothingErased, deadLetters: letters, messages: removed ?? 0 }]),
    requestIds,
    kept: removed === undefined ? { messages: theirs.length, until } : undefined,
  };
}

/** As our own events say it; a broken one is found too. */
function isOf({ userId, telegramUserId }: Person, data: string): boolean {
  return data.includes(`"userId":${JSON.stringify(userId)}`) || (telegramUserId !== undefined && data.includes(`"telegramUserId":${JSON.stringify(telegramUserId)}`));
}

function requestIdIn(data: string): string[] {
  const found = /"requestId":"([0-9a-f-]{36})"/.exec(data)?.[1];
  return found === undefined ? [] : [found];
}

/** Letters of messages that are no events of a request, so that nothing else leads to them. */
async function eraseLetters(messages: readonly RetainedMessage[], { documentStore }: OperatorCall): Promise<number> {
  let removed = 0;
  for (const { attributes, messageId } of messages) {
    const source = attributes[deadLetterAttributes.source];
    if (source === undefined) continue;
    const id = deadLetterId(source, attributes['id'] ?? messageId);
    if ((await documentStore.get(deadLetters, id)) === undefined) continue;
    await documentStore.commit([deleteDocument(deadLetters, id)]);
    removed += 1;
  }
  return removed;
}
