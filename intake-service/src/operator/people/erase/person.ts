import { linksOf } from '@paid-community/shared/model/links/erase-request.ts';
import {
  inviteRequestOf,
  inviteRequests,
  type InviteRequestDocument,
} from '@paid-community/shared/model/links/invite-request.ts';
import { toLinkName } from '@paid-community/shared/model/purchases/request-id.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import type { DocumentStore, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { ownMemberships } from './memberships-of-person.ts';

const PAGE = 500;

/** Whose data is to go: all of a user's, or one purchase with what hangs on it. */
export interface Asked {
  readonly userId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly telegramUserId?: string | undefined;
  readonly telegramUsername?: string | undefined;
}

/** All by which the person is known, in our own words and in those of Telegram. */
export interface Person extends Asked {
  readonly telegramUserIds: readonly string[];
  readonly requestIds: readonly string[];
  readonly links: readonly string[];
}

/**
 * What the documents still know of the person, and `telegramUserIds` that they knew on an earlier page. What is found
 * by these is erased before the documents are: who is killed in between finds it again.
 */
export async function knowPerson(
  asked: Asked,
  telegramUserIds: readonly string[],
  store: DocumentStore,
): Promise<Person> {
  const requests = await requestsOf(asked, store);
  const members = await ownMemberships(asked, store);
  const found = await Promise.all(requests.map(({ id }) => store.get(joins, id)));
  const ids = [
    ...telegramUserIds,
    asked.telegramUserId,
    ...found.map((join) => join?.data.telegramUserId),
    ...members.map(({ data }) => data.telegramUserId),
  ]
    .filter((id) => id !== undefined)
    .filter((id) => id !== '');
  return {
    ...asked,
    telegramUserIds: [...new Set(ids)],
    requestIds: [
      ...new Set([...(asked.requestId === undefined ? [] : [asked.requestId]), ...requests.map(({ id }) => id)]),
    ],
    links: requests.flatMap(({ data }) => linksOf(inviteRequestOf(data))),
  };
}

async function requestsOf(
  { userId, requestId }: Asked,
  store: DocumentStore,
): Promise<readonly Snapshot<InviteRequestDocument>[]> {
  const requests: Snapshot<InviteRequestDocument>[] = [];
  const one = requestId === undefined ? undefined : await store.get(inviteRequests, requestId);
  if (one !== undefined) requests.push(one);
  for (let cursor: string | undefined; userId !== undefined;) {
    const page = await store.query({
      collection: inviteRequests,
      where: { userId },
      orderBy: { field: 'createdAt', direction: 'ascending' },
      limit: PAGE,
      cursor,
    });
    requests.push(...page.documents);
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  return requests;
}

/**
 * Is a text of any form about the person? Events and updates are JSON, broken ones are not, and Telegram's have ids and
 * names of its own.
 */
export function aboutPerson({
  telegramUserIds,
  telegramUsername,
  requestIds,
  links,
  ...asked
}: Person): (...texts: readonly string[]) => boolean {
  const patterns = [
    ...isUser(asked),
    ...telegramUserIds.flatMap((id) =>
      ['telegramUserId', 'id', 'user_id', 'user_chat_id'].map((name) => fieldOf(name, id)),
    ),
    ...(telegramUsername === undefined ? [] : [fieldOf('username', telegramUsername.replace(/^@/, ''), 'i')]),
    ...requestIds.flatMap((id) => [new RegExp(escaped(id)), new RegExp(escaped(toLinkName(id)))]),
    ...links.map((link) => new RegExp(`${escaped(link)}(?![\\w-])`)),
  ];
  return matches(patterns);
}

/** Is it about the user of the purchases, in our own words? Their request is then this person's. */
export function aboutUser(person: Person): (...texts: readonly string[]) => boolean {
  return matches([...isUser(person), ...person.requestIds.map((id) => new RegExp(escaped(id)))]);
}

function matches(patterns: readonly RegExp[]): (...texts: readonly string[]) => boolean {
  return (...texts) => texts.flatMap(spellings).some((text) => patterns.some((pattern) => pattern.test(text)));
}

function isUser({ userId }: Asked): RegExp[] {
  return userId === undefined ? [] : [fieldOf('userId', userId)];
}

/** As text, or as the number that it is. */
function fieldOf(name: string, value: string, flags = ''): RegExp {
  const number = /^-?\d+$/.test(value) ? `|${escaped(value)}(?!\\d)` : '';
  return new RegExp(`"${name}"\\s*:\\s*(?:${escaped(JSON.stringify(value))}${number})`, flags);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** JSON may write any character as a number: what can be read is looked at as we write it, too. */
function spellings(text: string): string[] {
  if (!text.includes('\\')) return [text];
  try {
    return [text, JSON.stringify(JSON.parse(text))];
  } catch {
    // No JSON, or the beginning of one: then it is only what it is.
    return [text];
  }
}
