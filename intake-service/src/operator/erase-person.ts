import { hash } from 'node:crypto';
import { inviteRequests } from '@paid-community/shared/documents/invite-requests.ts';
import { HttpError } from '@paid-community/shared/http/http-error.ts';
import { deadLetterTopic, linkCreatedEvents, memberJoinedEvents, purchaseEvents } from '@paid-community/shared/topology.ts';
import type { Topic } from '@paid-community/shared/topology-types.ts';
import { Type } from 'typebox';
import { eraseMessages, type Person } from './erase/erase-messages.ts';
import { eraseRequest, eraseUnmatchedJoins } from './erase/erase-request.ts';
import { sumErased, type Erased } from './erase/erased.ts';
import { defineOperation, type OperatorCall } from './operation.ts';
import { readPage } from './retained-reading.ts';

const REQUESTS_IN_A_PAGE = 25;
const MESSAGES_IN_A_PAGE = 500;

/** First the documents, then what each of these retains. */
const TOPICS: readonly Topic[] = [purchaseEvents, linkCreatedEvents, memberJoinedEvents, deadLetterTopic];

interface Position {
  /** Undefined while documents are erased. */
  readonly topic?: number | undefined;
  readonly cursor?: string | undefined;
}

const Count = Type.Integer();

export const erasePerson = defineOperation({
  action: 'person.erase',
  method: 'POST',
  path: '/erase',
  summary: 'Removes what the system knows of a person, a page at a time. Tombstones without personal data stay, so that no replay brings anything back.',
  input: Type.Object(
    {
      userId: Type.String({ minLength: 1, maxLength: 100 }),
      telegramUserId: Type.Optional(Type.String({ minLength: 1, maxLength: 32, description: 'for joins that no link of ours explains' })),
      cursor: Type.Optional(Type.String({ minLength: 1 })),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    erased: Type.Object({ requests: Count, links: Count, joins: Count, unmatchedJoins: Count, ledgerEntries: Count, deadLetters: Count, messages: Count }),
    requestIds: Type.Array(Type.String()),
    kept: Type.Optional(Type.Object({ messages: Count, until: Type.String() }, { description: 'retained messages that Pub/Sub cannot remove one by one, and when they are gone' })),
    nextCursor: Type.Optional(Type.String()),
  }),
  // Whom it was about, only for somebody who knows the id.
  logged: ({ userId }, answer) => ({ userHash: hash('sha256', userId), ...answer?.erased, keptMessages: answer?.kept?.messages }),
  run: async ({ userId, telegramUserId, cursor }, call) => {
    const person: Person = { userId, telegramUserId };
    const position = cursor === undefined ? {} : decode(cursor);
    if (position.topic === undefined) return eraseDocuments(person, call);
    const topic = TOPICS[position.topic];
    if (topic === undefined) throw unknownCursor();
    const from = new Date(call.clock.now() - topic.retentionSeconds * 1_000);
    const page = await readPage({ topic, from }, position.cursor, MESSAGES_IN_A_PAGE, call);
    const { erased, requestIds, kept } = await eraseMessages(topic, page.messages, person, call);
    const next = page.nextCursor === undefined ? { topic: position.topic + 1 } : { topic: position.topic, cursor: page.nextCursor };
    return { erased, requestIds, kept, nextCursor: next.topic === TOPICS.length ? undefined : encode(next) };
  },
});

/** An erased request is no longer this user's, so the first page is always the next one. */
async function eraseDocuments({ userId, telegramUserId }: Person, call: OperatorCall): Promise<{ erased: Erased; requestIds: string[]; nextCursor: string }> {
  const { documents } = await call.documentStore.query({ collection: inviteRequests, where: { userId }, orderBy: { field: 'createdAt', direction: 'ascending' }, limit: REQUESTS_IN_A_PAGE });
  const parts = await Promise.all(documents.map(({ id }) => eraseRequest(id, call)));
  const isLast = documents.length < REQUESTS_IN_A_PAGE;
  if (isLast && telegramUserId !== undefined) parts.push(await eraseUnmatchedJoins(telegramUserId, call));
  return { erased: sumErased(parts), requestIds: documents.map(({ id }) => id), nextCursor: encode(isLast ? { topic: 0 } : {}) };
}

function encode(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function decode(text: string): Position {
  try {
    const { topic, cursor } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Partial<Record<keyof Position, unknown>>;
    if ((topic === undefined || typeof topic === 'number') && (cursor === undefined || typeof cursor === 'string')) return { topic, cursor };
  } catch {
    // Said below.
  }
  throw unknownCursor();
}

function unknownCursor(): HttpError {
  return new HttpError('invalid_request', 'The cursor is not one that an earlier page has given');
}
