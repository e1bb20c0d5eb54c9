import { randomUUID } from 'node:crypto';
import { Timestamp } from '@paid-community/shared/platform/delivery/define-event.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import { MemberLeft } from '@paid-community/shared/model/memberships/membership-events.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { linkCreatedEvents } from '@paid-community/shared/model/topics.ts';
import { createdLinksForEventEmitter, joinedMembersForEventEmitter } from '@paid-community/shared/topology.ts';
import { defineCursor, InvalidCursorError } from '@paid-community/shared/platform/validation/cursor.ts';
import { Type } from 'typebox';
import { defineOperation, type OperatorCall } from '../http/operation.ts';
import { isSnapshotName, snapshotNames, steps, type Rebuild } from './rebuild/steps.ts';
import { readPage, refuseWhileRead } from './retained-reading.ts';
import { retainedSince, sinceField } from './retained-range.ts';

/** Events of a page; each costs some reads and at most four writes. */
const PAGE = 100;

const positionCursor = defineCursor(
  Type.Object({
    id: Type.String({ pattern: '^[0-9a-f-]{13}$' }),
    since: Timestamp,
    until: Timestamp,
    dryRun: Type.Boolean(),
    step: Type.Integer({ minimum: 0, maximum: steps.length - 1 }),
    cursor: Type.Optional(Type.String()),
  }),
);
type Position = ReturnType<typeof positionCursor.decode>;

const Count = Type.Integer();

export const rebuildStore = defineOperation({
  action: 'store.rebuild',
  method: 'POST',
  path: '/rebuild',
  refusals: ['not_found', 'conflict'],
  summary:
    'Restores from the retained events what the store does not know any more, a page at a time and without a call to the outside. The queue must be paused.',
  input: Type.Object(
    { since: sinceField, dryRun: Type.Optional(Type.Boolean()), cursor: Type.Optional(Type.String({ minLength: 1 })) },
    { additionalProperties: false },
  ),
  answer: Type.Object({
    restored: Type.Object({
      requests: Count,
      links: Count,
      joins: Count,
      ledger: Count,
      complete: Count,
      erased: Count,
    }),
    waiting: Type.Array(Type.String(), {
      description:
        'ids of events that were not acknowledged when it began: they are delivered still, and are not entered into the ledger',
    }),
    conflicting: Type.Array(Type.String(), {
      description: 'ids of requests that keep another link than an event tells of',
    }),
    withoutLink: Type.Array(Type.String(), {
      description: 'ids of requests for which no event tells of a link: a replay of the purchases makes one',
    }),
    unreadable: Type.Integer({ description: 'messages that are no events' }),
    nextCursor: Type.Optional(Type.String()),
  }),
  logged: ({ since, dryRun }, answer) => ({
    since,
    dryRun,
    ...answer?.restored,
    waiting: answer?.waiting.length,
    conflicting: answer?.conflicting.length,
    withoutLink: answer?.withoutLink.length,
  }),
  run: async ({ since, dryRun = false, cursor }, call) => {
    const at = cursor === undefined ? await begin(since, dryRun, call) : positionCursor.decode(cursor);
    const rebuild: Rebuild = { id: at.id, since: new Date(at.since), until: new Date(at.until), dryRun: at.dryRun };
    const step = steps[at.step];
    if (step === undefined) throw new InvalidCursorError();
    const page = await readPage(step.range(rebuild), at.cursor, PAGE, call);
    const {
      restored,
      waiting = [],
      conflicting = [],
      withoutLink = [],
      unreadable = 0,
    } = await step.work(page.messages, rebuild, call);
    const { id, since: from, until, dryRun: isDry, step: number } = at;
    const begun = { id, since: from, until, dryRun: isDry };
    const next: Position =
      page.nextCursor === undefined
        ? { ...begun, step: number + 1 }
        : { ...begun, step: number, cursor: page.nextCursor };
    const isLast = next.step === steps.length;
    if (isLast) await end(rebuild, call);
    return {
      restored,
      waiting,
      conflicting,
      withoutLink,
      unreadable,
      nextCursor: isLast ? undefined : positionCursor.encode(next),
    };
  },
});

/** The two snapshots hold what WebEngage has perhaps not been told. */
async function begin(sinceText: string, dryRun: boolean, call: OperatorCall): Promise<Position> {
  const { administration, clock } = call;
  const since = retainedSince(sinceText, linkCreatedEvents, clock.now());
  const { state } = await administration.queue.describe(inviteQueue);
  if (!dryRun && state === 'running') {
    throw new HttpError(
      'conflict',
      `The queue ${inviteQueue.name} is running, and would make second links of what is not rebuilt yet: \`ops queue pause\` first, and \`ops queue resume\` afterwards`,
    );
  }
  await refuseWhileRead([LinkCreated.topic, MemberJoined.topic, MemberLeft.topic, PurchaseReceived.topic], call);
  await removeLeftovers(call);
  const id = randomUUID().slice(0, 13);
  const until = new Date(clock.now()).toISOString();
  const names = snapshotNames({ id });
  await administration.bus.createSnapshot(names.links, createdLinksForEventEmitter);
  await administration.bus.createSnapshot(names.joins, joinedMembersForEventEmitter);
  return { id, since: since.toISOString(), until, dryRun, step: 0 };
}

/** Snapshots of rebuilds that were broken off: nobody is reading, so nobody needs them. */
async function removeLeftovers({ administration }: OperatorCall): Promise<void> {
  const left = (await administration.bus.listSnapshots()).filter(({ name }) => isSnapshotName(name));
  await Promise.all(left.map(({ name }) => administration.bus.deleteSnapshot(name)));
}

async function end(rebuild: Rebuild, { administration }: OperatorCall): Promise<void> {
  const names = snapshotNames(rebuild);
  await Promise.all([administration.bus.deleteSnapshot(names.links), administration.bus.deleteSnapshot(names.joins)]);
}
