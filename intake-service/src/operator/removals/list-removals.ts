import { removalGuards } from '@paid-community/shared/model/memberships/removal-guard.ts';
import { isEnded, memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import type { DocumentStore, Page } from '@paid-community/shared/platform/ports/document-store.ts';
import { defineCursor, InvalidCursorError } from '@paid-community/shared/platform/validation/cursor.ts';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static } from 'typebox';
import { communityField } from '../communities/community-field.ts';
import { viewCommunity } from '../communities/read-community.ts';
import { defineOperation } from '../http/operation.ts';
import { pageFields } from '../http/page-fields.ts';
import { communityIdsFrom } from './community-ids-from.ts';
import { describeRemoval, RemovalAnswer } from './removal-answer.ts';

/** In the order in which they go, or would. */
const STATES = ['asked', 'due', 'dry_run', 'impossible'] as const;

const statuses = ['due', 'held', 'dry_run', 'impossible'] as const;
type Status = (typeof statuses)[number];

const Listed = Type.Object({
  membershipId: Type.String(),
  communityId: Type.String(),
  userId: Type.String(),
  telegramUserId: Type.Optional(Type.String()),
  status: Type.Enum(statuses, {
    description:
      "due = goes at Telegram's pace; held = waits for an operator; dry_run = would go; impossible = Telegram does not allow it",
  }),
  reason: RemovalAnswer.properties.reason,
  since: RemovalAnswer.properties.since,
});

const Held = Type.Object({
  communityId: Type.String(),
  since: Type.String(),
  due: Type.Optional(Type.Integer({ description: 'how many wait' })),
  inside: Type.Optional(Type.Integer({ description: 'how many were inside when it was noticed' })),
});

const Position = Type.Object(
  {
    communityId: communityField.communityId,
    /** Of STATES; beyond them: the community is done. */
    step: Type.Integer({ minimum: 0, maximum: STATES.length }),
    cursor: Type.Optional(Type.String({ minLength: 1 })),
  },
  { additionalProperties: false },
);
type Place = Written<Static<typeof Position>>;
const positionCursor = defineCursor(Position);

export const listRemovals = defineOperation({
  action: 'removals.list',
  method: 'GET',
  path: '/removals',
  refusals: ['not_found'],
  summary:
    'Who is to be removed, or would be, and why: by community, in the order in which they go. A page may be short, or empty, before the last one.',
  input: Type.Object(
    {
      communityId: Type.Optional(communityField.communityId),
      status: Type.Optional(Type.Enum(statuses, { description: 'only these' })),
      ...pageFields,
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    removals: Type.Array(Listed),
    held: Type.Array(Held, { description: 'communities of this page whose removals are held' }),
    nextCursor: Type.Optional(Type.String()),
  }),
  logged: ({ communityId, status }, answer) => ({
    communityId,
    status,
    found: answer?.removals.length,
    held: answer?.held.length,
  }),
  run: async ({ communityId, status, limit = 50, cursor }, { store }) => {
    if (communityId !== undefined) await viewCommunity(communityId, store);
    const from = cursor === undefined ? { communityId: communityId ?? '', step: 0 } : positionCursor.decode(cursor);
    if (communityId !== undefined && from.communityId !== communityId) throw new InvalidCursorError();
    const { ids, isLast } =
      communityId === undefined
        ? await communityIdsFrom(from.communityId, store)
        : { ids: [communityId], isLast: true };
    const walk = new Walk(status, limit, store);
    for (const id of ids) {
      const place = await walk.community(id === from.communityId ? from : { communityId: id, step: 0 });
      if (place !== undefined) return { ...walk.found(), nextCursor: positionCursor.encode(place) };
    }
    const last = ids.at(-1);
    const place = isLast || last === undefined ? undefined : { communityId: last, step: STATES.length };
    return { ...walk.found(), nextCursor: place === undefined ? undefined : positionCursor.encode(place) };
  },
});

/** Collects a page, community after community. */
class Walk {
  readonly #removals: Written<Static<typeof Listed>>[] = [];
  readonly #held: Written<Static<typeof Held>>[] = [];
  readonly #status: Status | undefined;
  readonly #limit: number;
  readonly #store: DocumentStore;

  constructor(status: Status | undefined, limit: number, store: DocumentStore) {
    this.#status = status;
    this.#limit = limit;
    this.#store = store;
  }

  found(): { readonly removals: Written<Static<typeof Listed>>[]; readonly held: Written<Static<typeof Held>>[] } {
    return { removals: this.#removals, held: this.#held };
  }

  /** Where to go on, when the page is full. */
  async community({ communityId, step, cursor }: Place): Promise<Place | undefined> {
    const guard = await this.#store.get(removalGuards, communityId);
    const { heldSince, heldDue, heldInside } = guard?.data ?? {};
    if (heldSince !== undefined) this.#held.push({ communityId, since: heldSince, due: heldDue, inside: heldInside });
    let inner = cursor;
    for (let number = step; number < STATES.length; number += 1) {
      const removalState = STATES[number] ?? 'due';
      if (isWanted(removalState, this.#status, heldSince !== undefined)) {
        const room = this.#limit - this.#removals.length;
        if (room === 0) return { communityId, step: number, cursor: inner };
        const page: Page<Membership> = await this.#store.query({
          collection: memberships,
          where: { communityId, removalState },
          orderBy: { field: 'removalSince', direction: 'ascending' },
          limit: room,
          cursor: inner,
        });
        this.#removals.push(...page.documents.flatMap(({ data }) => describe(data, heldSince)));
        if (page.nextCursor !== undefined) return { communityId, step: number, cursor: page.nextCursor };
      }
      inner = undefined;
    }
    return undefined;
  }
}

function isWanted(state: (typeof STATES)[number], status: Status | undefined, isHeld: boolean): boolean {
  if (status === undefined) return true;
  if (state === 'due') return status === (isHeld ? 'held' : 'due');
  return status === (state === 'asked' ? 'due' : state);
}

function describe(known: Membership, heldSince: string | undefined): Written<Static<typeof Listed>>[] {
  const removal = describeRemoval(isEnded(known) ? known : undefined, heldSince);
  if (removal === undefined || removal.status === 'done') return [];
  const { membershipId, communityId, userId, telegramUserId } = known;
  const { status, reason, since } = removal;
  // What is being asked of Telegram is as good as due.
  return [
    { membershipId, communityId, userId, telegramUserId, status: status === 'asked' ? 'due' : status, reason, since },
  ];
}
