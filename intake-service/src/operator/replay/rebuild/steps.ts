import { PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import type { DomainEvent, EventDefinition } from '@paid-community/shared/platform/delivery/define-event.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { LinkCreated } from '@paid-community/shared/model/links/link-created.ts';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import type { RetainedMessage } from '@paid-community/shared/platform/ports/bus-administration.ts';
import type { OperatorCall } from '../../http/operation.ts';
import type { ReadingRange } from '../retained-reading.ts';
import { Marks } from './marks.ts';
import type { RestoreDeps } from './ledger-entry.ts';
import { matchMissedJoin } from './match-missed-join.ts';
import { MemberLeft } from '@paid-community/shared/model/memberships/membership-events.ts';
import { PRESENCE_EVENTS, restoreEntry, restorePresence } from './restore-presence.ts';
import { lookAtJoin } from './restore-join.ts';
import { lookAtLink } from './restore-link.ts';
import { nothing, restore, sum, type Restored } from './restored.ts';

export interface Rebuild {
  readonly id: string;
  readonly since: Date;
  /** When it began: what comes later is the services' own business. */
  readonly until: Date;
  readonly dryRun: boolean;
}

/** What one page has found. */
export interface Found {
  readonly restored: Restored;
  /**
   * Ids of events that may not have reached WebEngage yet: they are still delivered, and are not entered into the
   * ledger.
   */
  readonly waiting?: readonly string[];
  /** Ids of requests that keep another link than an event says. */
  readonly conflicting?: readonly string[];
  /** Ids of requests for which no event tells of a link. */
  readonly withoutLink?: readonly string[];
  /** Messages that are no events. */
  readonly unreadable?: number;
}

interface Step {
  readonly range: (rebuild: Rebuild) => ReadingRange;
  readonly work: (messages: readonly RetainedMessage[], rebuild: Rebuild, call: OperatorCall) => Promise<Found>;
}

export function snapshotNames({ id }: Pick<Rebuild, 'id'>): { readonly links: string; readonly joins: string } {
  return { links: `rebuild-${id}-links`, joins: `rebuild-${id}-joins` };
}

/** Whether a rebuild has made the snapshot, and no operator. */
export function isSnapshotName(name: string): boolean {
  return /^rebuild-[0-9a-f]{8}-[0-9a-f]{4}-(links|joins)$/.test(name);
}

/** In this order: what waits must be known before anything counts as sent. */
export const steps: readonly Step[] = [
  {
    range: (rebuild) => ({
      topic: LinkCreated.topic,
      from: { snapshot: snapshotNames(rebuild).links },
      until: rebuild.until,
    }),
    work: markWaiting(LinkCreated),
  },
  {
    range: (rebuild) => ({
      topic: MemberJoined.topic,
      from: { snapshot: snapshotNames(rebuild).joins },
      until: rebuild.until,
    }),
    work: markWaiting(MemberJoined),
  },
  { range: ({ since, until }) => ({ topic: LinkCreated.topic, from: since, until }), work: restoreLinks },
  { range: ({ since, until }) => ({ topic: MemberJoined.topic, from: since, until }), work: restoreJoins },
  { range: ({ since, until }) => ({ topic: LinkCreated.topic, from: since, until }), work: matchMissedJoins },
  { range: ({ since, until }) => ({ topic: MemberLeft.topic, from: since, until }), work: restorePresences },
  {
    range: ({ since, until }) => ({ topic: PurchaseReceived.topic, from: since, until }),
    work: findPurchasesWithoutLink,
  },
];

function markWaiting(definition: Pick<EventDefinition<unknown>, 'parse'>): Step['work'] {
  return async (messages, { id }, call) => {
    const { events, unreadable } = parseAll(definition, messages);
    const marks = new Marks(id, call);
    const ids = [...new Set(events.map(({ event }) => event.id))];
    await Promise.all(ids.map((eventId) => marks.set('waiting', eventId)));
    return { restored: nothing, waiting: ids, unreadable };
  };
}

async function restoreLinks(
  messages: readonly RetainedMessage[],
  { id, dryRun }: Rebuild,
  call: OperatorCall,
): Promise<Found> {
  const { events, unreadable } = parseAll(LinkCreated, messages);
  const marks = new Marks(id, call);
  const deps = restoreDeps(marks, call);
  const { store } = call;
  const conflicting: string[] = [];
  const parts = await Promise.all(
    events.map(async ({ event, publishedAt }) => {
      const { requestId } = event.data;
      const { restored, isConflicting } = await restore({ store, dryRun }, inviteRequests, requestId, (known) =>
        lookAtLink(event, publishedAt, known, deps),
      );
      if (isConflicting === true) conflicting.push(requestId);
      if (dryRun) await marks.set('has-link', requestId);
      return restored;
    }),
  );
  return { restored: sum(parts), conflicting, unreadable };
}

async function restoreJoins(
  messages: readonly RetainedMessage[],
  { id, dryRun }: Rebuild,
  call: OperatorCall,
): Promise<Found> {
  const { events, unreadable } = parseAll(MemberJoined, messages);
  const deps = restoreDeps(new Marks(id, call), call);
  const parts = await Promise.all(
    events.map(({ event, publishedAt }) =>
      restore({ store: call.store, dryRun }, joins, event.data.requestId, (known) =>
        lookAtJoin(event, publishedAt, known, deps),
      ),
    ),
  );
  if (!dryRun)
    for (const [index, { event }] of events.entries())
      if (parts[index]?.isErased !== true) await restoreEntry(event.data, event.time, call);
  return { restored: sum(parts.map(({ restored }) => restored)), unreadable };
}

/** Each has its time: of two for one person the later one counts, in any order. */
async function restorePresences(
  messages: readonly RetainedMessage[],
  { dryRun }: Rebuild,
  call: OperatorCall,
): Promise<Found> {
  let unreadable = 0;
  for (const [type, definition] of Object.entries(PRESENCE_EVENTS)) {
    const parsed = parseAll(
      definition,
      messages.filter(({ attributes }) => attributes['type'] === type),
    );
    unreadable += parsed.unreadable;
    if (!dryRun) for (const { event } of parsed.events) await restorePresence(event, call);
  }
  return { restored: nothing, unreadable };
}

/** What cannot be read was counted when the links were restored. */
async function matchMissedJoins(
  messages: readonly RetainedMessage[],
  { dryRun }: Rebuild,
  call: OperatorCall,
): Promise<Found> {
  const { events } = parseAll(LinkCreated, messages);
  return { restored: sum(await Promise.all(events.map(({ event }) => matchMissedJoin(event, dryRun, call)))) };
}

async function findPurchasesWithoutLink(
  messages: readonly RetainedMessage[],
  { id }: Rebuild,
  call: OperatorCall,
): Promise<Found> {
  const purchases = messages.filter(({ attributes: { type } }) => type === undefined || type === PurchaseReceived.type);
  const { events, unreadable } = parseAll(PurchaseReceived, purchases);
  const marks = new Marks(id, call);
  const ids = [...new Set(events.map(({ event }) => event.data.requestId))];
  const withoutLink = await Promise.all(
    ids.map(async (requestId) => {
      const request = await call.store.get(inviteRequests, requestId);
      if (request?.data.status === 'DONE' || request?.data.status === 'ERASED') return [];
      // In a dry run the request is not restored yet.
      return (await marks.has('has-link', requestId)) ? [] : [requestId];
    }),
  );
  return { restored: nothing, withoutLink: withoutLink.flat(), unreadable };
}

function restoreDeps(marks: Marks, { store, config }: OperatorCall): RestoreDeps {
  return {
    store,
    retentionDays: config.RETENTION_DAYS,
    wasAcknowledged: async (eventId) => !(await marks.has('waiting', eventId)),
  };
}

interface ParsedEvent<Data> {
  readonly event: DomainEvent<Data>;
  readonly publishedAt: Date;
}

/** An event that was published twice counts once, as of its first publication. */
function parseAll<Data>(
  definition: Pick<EventDefinition<Data>, 'parse'>,
  messages: readonly RetainedMessage[],
): { readonly events: readonly ParsedEvent<Data>[]; readonly unreadable: number } {
  const events = new Map<string, ParsedEvent<Data>>();
  let unreadable = 0;
  for (const message of messages.toSorted((a, b) => a.publishTime.getTime() - b.publishTime.getTime())) {
    try {
      const event = definition.parse(message);
      if (!events.has(event.id)) events.set(event.id, { event, publishedAt: message.publishTime });
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      unreadable += 1;
    }
  }
  return { events: [...events.values()], unreadable };
}
