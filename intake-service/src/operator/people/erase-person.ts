import { hash } from 'node:crypto';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import type { Topic } from '@paid-community/shared/platform/ports/topology-types.ts';
import { defineCursor } from '@paid-community/shared/platform/validation/cursor.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { Type } from 'typebox';
import { eraseLetters } from './erase/erase-letters.ts';
import { eraseMemberships, lostByErasure, refuseToLose } from './erase/erase-memberships.ts';
import { eraseMessages } from './erase/erase-messages.ts';
import { eraseRequest } from './erase/erase-request.ts';
import { eraseTelegramUser } from './erase/erase-telegram-user.ts';
import { countsOf, sumErased, type Erased } from './erase/erased.ts';
import { knowPerson, type Person } from './erase/person.ts';
import { defineOperation, type OperatorCall } from '../http/operation.ts';
import { readPage } from '../replay/retained-reading.ts';

const REQUESTS_IN_A_PAGE = 25;
const MESSAGES_IN_A_PAGE = 500;

interface Page {
  readonly erased: Erased;
  readonly requestIds: readonly string[];
  readonly kept?: { readonly messages: number; readonly until: string } | undefined;
  /** Where this step goes on; undefined when it is done. */
  readonly next: string | undefined;
}

type Step = (person: Person, cursor: string | undefined, call: OperatorCall) => Promise<Page>;

const aboutPeople = topology.topics.filter(({ personalData = [] }) => personalData.length > 0);
const aboutTelegramUsers = aboutPeople.filter(({ personalData = [] }) => personalData.includes('telegramUserId'));

/**
 * In this order: what only the documents lead to (Telegram's own words for the person) goes before the documents, so
 * that an operator who was interrupted finds it at the next start. Then the documents, so that nothing new comes of
 * them. Then what was published until then.
 */
const STEPS: readonly Step[] = [
  ...aboutTelegramUsers.map((topic) => messagesIn(topic, 'messages only')),
  letters,
  documentsOfTelegramUsers,
  // Before the requests, which lead to them; and after these are tombstones, for a purchase that came meanwhile.
  membershipsOfPerson,
  documents,
  membershipsOfPerson,
  ...aboutPeople.map((topic) => messagesIn(topic, 'requests')),
];

const positionCursor = defineCursor(
  Type.Object({
    step: Type.Integer({ minimum: 0, maximum: STEPS.length - 1 }),
    cursor: Type.Optional(Type.String()),
    /** What the documents knew before they were erased; the operator's own cursor is the only place that keeps it. */
    telegramUserIds: Type.Array(Type.String()),
  }),
);

const Count = Type.Integer();

export const erasePerson = defineOperation({
  action: 'person.erase',
  method: 'POST',
  path: '/erase',
  refusals: ['conflict'],
  summary:
    'Removes what the system knows of a person, a page at a time. Tombstones without personal data stay, so that no replay brings anything back.',
  input: Type.Object(
    {
      userId: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 100,
          description: 'of the purchases; this, requestId or telegramUserId',
        }),
      ),
      requestId: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 100,
          description: 'one purchase, or the grant of an import, with what hangs on it',
        }),
      ),
      telegramUserId: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 32,
          description:
            'for joins and updates that no link of ours explains, and people who were imported without a userId',
        }),
      ),
      now: Type.Optional(
        Type.Boolean({
          description:
            'also when somebody is inside who is to be removed, now or at the end: nobody removes this person any more',
        }),
      ),
      telegramUsername: Type.Optional(
        Type.String({ minLength: 1, maxLength: 64, description: 'for updates that were too broken to name the id' }),
      ),
      cursor: Type.Optional(Type.String({ minLength: 1 })),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    erased: Type.Object({
      requests: Count,
      links: Count,
      joins: Count,
      unmatchedJoins: Count,
      memberships: Count,
      grants: Count,
      ledgerEntries: Count,
      deadLetters: Count,
      messages: Count,
    }),
    requestIds: Type.Array(Type.String()),
    kept: Type.Optional(
      Type.Object(
        { messages: Count, until: Type.String() },
        { description: 'retained messages that Pub/Sub cannot remove one by one, and when they are gone' },
      ),
    ),
    lost: Type.Optional(
      Type.Array(
        Type.Object({
          membershipId: Type.String(),
          communityId: Type.String(),
          endsAt: Type.Optional(Type.String()),
        }),
        { description: 'with `now`: whoever is inside by these stays there, and nobody removes them' },
      ),
    ),
    nextCursor: Type.Optional(Type.String()),
  }),
  // The person can be told only by somebody who knows the id. The requests are named, for a restore of an older backup.
  logged: ({ userId, requestId }, answer) => ({
    ...(userId === undefined ? {} : { userHash: hash('sha256', userId) }),
    requestId,
    ...answer?.erased,
    keptMessages: answer?.kept?.messages,
    requestIds: answer?.requestIds.join(' '),
  }),
  run: async ({ cursor, now = false, ...asked }, call) => {
    if (asked.userId === undefined && asked.requestId === undefined && asked.telegramUserId === undefined)
      throw new HttpError(
        'invalid_request',
        'Whose data is to go: a userId, a requestId or a telegramUserId is needed',
      );
    const position = cursor === undefined ? { step: 0, telegramUserIds: [] } : positionCursor.decode(cursor);
    const step = STEPS[position.step] ?? documents;
    const person = await knowPerson(asked, position.telegramUserIds, call.store);
    const lost = cursor === undefined ? await lostByErasure(person, call) : undefined;
    if (!now) refuseToLose(lost ?? []);
    const { erased: found, requestIds, kept, next } = await step(person, position.cursor, call);
    const erased = countsOf(found);
    const following = {
      step: next === undefined ? position.step + 1 : position.step,
      cursor: next,
      telegramUserIds: person.telegramUserIds,
    };
    if (following.step < STEPS.length)
      return { erased, requestIds, kept, lost, nextCursor: positionCursor.encode(following) };
    // Also when nothing was left to erase: an erasure that was cut short ends with its repeat.
    await call.administration.store.overwriteErased();
    return { erased, requestIds, kept, lost, nextCursor: undefined };
  },
});

function messagesIn(topic: Topic, what: 'requests' | 'messages only'): Step {
  return async (person, cursor, call) => {
    const from = new Date(call.clock.now() - topic.retentionSeconds * 1_000);
    const page = await readPage({ topic, from }, cursor, MESSAGES_IN_A_PAGE, call);
    const erased = await eraseMessages(topic, page.messages, person, call, what);
    // What cannot be removed is counted once, at the end.
    return { ...erased, kept: what === 'requests' ? erased.kept : undefined, next: page.nextCursor };
  };
}

async function letters(person: Person, cursor: string | undefined, call: OperatorCall): Promise<Page> {
  const [, state = '0', inner] = /^(\d)\.(.*)$/s.exec(cursor ?? '') ?? [];
  const { removed, next } = await eraseLetters(
    person,
    { state: Number(state), cursor: inner === '' ? undefined : inner },
    call,
  );
  return {
    erased: { [deadLetters.name]: removed },
    requestIds: [],
    next: next === undefined ? undefined : `${next.state}.${next.cursor ?? ''}`,
  };
}

/** An erased request is no longer this user's, so the first page is always the next one. */
async function documents(
  { userId, requestId }: Person,
  _cursor: string | undefined,
  call: OperatorCall,
): Promise<Page> {
  const page =
    userId === undefined
      ? undefined
      : await call.store.query({
          collection: inviteRequests,
          where: { userId },
          orderBy: { field: 'createdAt', direction: 'ascending' },
          limit: REQUESTS_IN_A_PAGE,
        });
  const found = page?.documents.map(({ id }) => id) ?? [];
  const one = requestId === undefined ? undefined : await call.store.get(inviteRequests, requestId);
  const ids = [...new Set([...(one === undefined ? [] : [one.id]), ...found])];
  const parts = await Promise.all(ids.map((id) => eraseRequest(id, call)));
  return { erased: sumErased(parts), requestIds: ids, next: found.length < REQUESTS_IN_A_PAGE ? undefined : 'more' };
}

async function membershipsOfPerson(person: Person, _cursor: string | undefined, call: OperatorCall): Promise<Page> {
  return { erased: await eraseMemberships(person, call), requestIds: [], next: undefined };
}

async function documentsOfTelegramUsers(
  { telegramUserIds, requestIds }: Person,
  _cursor: string | undefined,
  call: OperatorCall,
): Promise<Page> {
  return {
    erased: sumErased(await Promise.all(telegramUserIds.map((id) => eraseTelegramUser(id, requestIds, call)))),
    requestIds: [],
    next: undefined,
  };
}
