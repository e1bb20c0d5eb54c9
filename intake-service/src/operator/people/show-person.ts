import { memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import pMap from 'p-map';
import { Type, type Static } from 'typebox';
import { defineOperation, type OperatorCall } from '../http/operation.ts';
import { MembershipSummary, summarizeMembership } from '../memberships/membership-answer.ts';
import { telegramUserIdField, userIdField } from '../memberships/membership-fields.ts';
import { lookUpRequests } from '../requests/find-requests.ts';
import { readPurchaseStory } from '../requests/purchase-story.ts';
import { timelineOf } from '../requests/timeline.ts';

/** The newest tell enough: a person has a handful. */
const MOST = 50;
const CONCURRENCY = 10;

const PersonEntry = Type.Object({
  at: Type.String({ description: 'ISO 8601, UTC' }),
  what: Type.String(),
  detail: Type.Optional(Type.String()),
  requestId: Type.Optional(Type.String({ description: 'of a purchase' })),
  membershipId: Type.Optional(Type.String({ description: 'of a membership' })),
});
type Entry = Written<Static<typeof PersonEntry>>;
/** The entries of one purchase, and of one membership, are in their order. Those of several go by time. */
type Story = readonly Entry[];

export const showPerson = defineOperation({
  action: 'person.show',
  // Not GET: platforms log URLs, and these arguments identify people.
  method: 'POST',
  path: '/people/show',
  summary: `Everything about a person in order of time: purchases, links, joins, memberships, removals. Of each kind the newest ${MOST}.`,
  input: Type.Object(
    { userId: Type.Optional(userIdField), telegramUserId: Type.Optional(telegramUserIdField) },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    memberships: Type.Array(MembershipSummary),
    requestIds: Type.Array(Type.String(), { description: 'the purchases' }),
    timeline: Type.Array(PersonEntry),
  }),
  logged: ({ userId }, answer) => ({
    by: userId === undefined ? 'telegramUserId' : 'userId',
    memberships: answer?.memberships.length,
    requests: answer?.requestIds.length,
  }),
  run: async ({ userId, telegramUserId }, call) => {
    if ((userId === undefined) === (telegramUserId === undefined))
      throw new HttpError('invalid_request', 'Exactly one of userId and telegramUserId is needed');
    const held = await membershipsOf(userId === undefined ? { telegramUserId } : { userId }, call);
    const requestIds = await requestsOf(userId, telegramUserId, held, call);
    const bought = await pMap(requestIds, (requestId) => purchaseEntries(requestId, call), {
      concurrency: CONCURRENCY,
    });
    return {
      memberships: held.map(summarizeMembership),
      requestIds,
      timeline: merged([...bought, ...held.map(membershipEntries)]),
    };
  },
});

async function membershipsOf(
  by: { readonly userId: string } | { readonly telegramUserId: string | undefined },
  { store }: OperatorCall,
): Promise<readonly Membership[]> {
  const where = 'userId' in by ? by : { telegramUserId: by.telegramUserId ?? '' };
  const orderBy = { field: 'createdAt', direction: 'descending' } as const;
  const { documents } = await store.query({ collection: memberships, where, orderBy, limit: MOST });
  return documents.map(({ data }) => data);
}

/** Of an account: those whose links it joined by, and those of the memberships that it is bound to. */
async function requestsOf(
  userId: string | undefined,
  telegramUserId: string | undefined,
  held: readonly Membership[],
  call: OperatorCall,
): Promise<readonly string[]> {
  const users = userId === undefined ? held.map((each) => each.userId).filter((id) => id !== '') : [userId];
  const found = await Promise.all(
    [
      ...[...new Set(users)].map((each) => ({ userId: each })),
      ...(telegramUserId === undefined ? [] : [{ telegramUserId }]),
    ].map((by) => lookUpRequests(by, { limit: MOST }, call)),
  );
  const requests = found.flatMap((each) => each.requests).filter((request) => request !== undefined);
  return [...new Set(requests.map(({ requestId }) => requestId))];
}

async function purchaseEntries(requestId: string, { store }: OperatorCall): Promise<Story> {
  const story = await readPurchaseStory(requestId, store);
  return story === undefined ? [] : timelineOf(story).map((entry) => ({ ...entry, requestId }));
}

function membershipEntries({ membershipId, communityId, history }: Membership): Story {
  return history.map(({ at, what, detail }) => ({
    at,
    what,
    detail: detail === undefined ? communityId : `${communityId}: ${detail}`,
    membershipId,
  }));
}

function merged(stories: readonly Story[]): readonly Entry[] {
  const placed = stories.flatMap((story) => {
    let latest = '';
    return story.map((entry) => {
      // Telegram tells times to the second: what came after may look earlier.
      latest = entry.at > latest ? entry.at : latest;
      return { entry, latest };
    });
  });
  return placed.toSorted((one, other) => compare(one.latest, other.latest)).map(({ entry }) => entry);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
