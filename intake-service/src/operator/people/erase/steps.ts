import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import type { Topic } from '@paid-community/shared/platform/ports/topology-types.ts';
import { topology } from '@paid-community/shared/topology.ts';
import type { OperatorCall } from '../../http/operation.ts';
import { readPage } from '../../replay/retained-reading.ts';
import { eraseLetters } from './erase-letters.ts';
import { eraseMemberships } from './erase-memberships.ts';
import { eraseMessages } from './erase-messages.ts';
import { eraseRequest } from './erase-request.ts';
import { eraseTelegramUser } from './erase-telegram-user.ts';
import { sumErased, type Erased } from './erased.ts';
import type { Person } from './person.ts';

const REQUESTS_IN_A_PAGE = 25;
const MESSAGES_IN_A_PAGE = 500;

/** What a step has done for one page. */
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
export const STEPS: readonly Step[] = [
  ...aboutTelegramUsers.map((topic) => messagesIn(topic, 'messages only')),
  letters,
  documentsOfTelegramUsers,
  // Before the requests, which lead to them; and after these are tombstones, for a purchase that came meanwhile.
  membershipsOfPerson,
  documents,
  membershipsOfPerson,
  ...aboutPeople.map((topic) => messagesIn(topic, 'requests')),
];

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
