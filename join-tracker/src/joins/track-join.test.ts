import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { createDocument, type DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { memberJoinedEvents } from '@paid-community/shared/model/topics.ts';
import { joinUpdate, openTracker, PURCHASE, type Tracker } from '../testing/open-tracker.ts';

let tracker: Tracker;
beforeEach(async () => {
  tracker = await openTracker();
});
afterEach(() => tracker.close());

const DIED = new RetryableError('died', 'the process died here');

/** The moments at which the process may die while it handles a join. */
const MOMENTS = [
  'before it is recorded',
  'after it is recorded',
  'before it is published',
  'after it is published',
] as const;

function dyingStore(moment: (typeof MOMENTS)[number]): DocumentStore {
  const { store } = tracker.backend;
  return {
    get: (collection, id) => store.get(collection, id),
    query: (query) => store.query(query),
    count: (query) => store.count(query),
    commit: async (writes) => {
      if (moment === 'before it is recorded') throw DIED;
      await store.commit(writes);
      if (moment === 'after it is recorded') throw DIED;
    },
  };
}

async function dieWhileHandling(update: object, moment: (typeof MOMENTS)[number]): Promise<void> {
  if (moment === 'before it is published') tracker.eventBus.failNext = DIED;
  const handled = tracker.receive(update, tracker.handling({ store: dyingStore(moment) }));
  if (moment === 'after it is published') await handled;
  else await expect(handled).rejects.toBe(DIED);
}

/** Who was told of, each event id once, as the ledger sees to. */
function told(): string[] {
  const byId = new Map(
    tracker.eventBus
      .eventsOn(memberJoinedEvents)
      .map((event) => [event['id'], (event['data'] as { telegramUserId: string }).telegramUserId] as const),
  );
  return [...byId.values()];
}

async function recorded(): Promise<string | undefined> {
  return (await tracker.backend.store.get(joins, PURCHASE.requestId))?.data.telegramUserId;
}

const first = joinUpdate({ userId: 100, date: 1_767_261_600 });
const later = {
  'the same update': first,
  'the same person, who left and came back': joinUpdate({ userId: 100, date: 1_767_265_200 }),
  'somebody else on the freed place': joinUpdate({ userId: 200, date: 1_767_265_200 }),
  'somebody else, in whose update the time is the same': joinUpdate({ userId: 200, date: 1_767_261_600 }),
};

describe('a process that dies while it handles a join', () => {
  const cases = MOMENTS.flatMap((moment) =>
    Object.entries(later).map(([who, update]) => [moment, who, update] as const),
  );

  test.each(cases)('%s: when %s comes next, exactly the recorded one is told', async (moment, _who, update) => {
    await dieWhileHandling(first, moment);
    await tracker.receive(update);
    const who = await recorded();
    expect(told()).toEqual([who]);
    // Telegram may send the first one again, late.
    await tracker.receive(first);
    expect(told()).toEqual([who]);
    if (moment !== 'before it is recorded') expect(who).toBe('100');
    // Every event says the same, so it does not matter which of them arrives.
    expect(
      new Set(tracker.eventBus.eventsOn(memberJoinedEvents).map(({ time, data }) => JSON.stringify([time, data]))).size,
    ).toBe(1);
  });
});

test('a join that Telegram dates long before our retention is recorded all the same, and stays the first', async () => {
  await tracker.receive(joinUpdate({ userId: 100, date: 0 }));
  await tracker.receive(joinUpdate({ userId: 200 }));
  expect(await recorded()).toBe('100');
  expect(told()).toEqual(['100']);
});

test('when the request has another link by now, the event still names the link through which the first came', async () => {
  await dieWhileHandling(first, 'before it is published');
  const inviteLink = 'https://t.me/+second';
  await tracker.backend.store.commit([
    createDocument(inviteLinks, inviteLinkId(inviteLink), {
      ...PURCHASE,
      inviteLink,
      createdAt: '2026-01-01T00:00:00.000Z',
    }),
  ]);
  await tracker.receive(joinUpdate({ userId: 200, link: { invite_link: inviteLink } }));
  expect(tracker.eventBus.eventsOn(memberJoinedEvents)).toMatchObject([
    { data: { telegramUserId: '100', inviteLink: 'https://t.me/+ours' } },
  ]);
});
