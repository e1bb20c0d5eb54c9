import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RetryableError } from '@paid-community/shared/platform/ports/errors.ts';
import { deadLetterId, deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import { emissions, eventNames } from '@paid-community/shared/model/emissions/emission.ts';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { MemberJoined } from '@paid-community/shared/model/memberships/member-joined.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { memberJoinedEvents } from '@paid-community/shared/model/topics.ts';
import { joinedMembersForEventEmitter } from '@paid-community/shared/topology.ts';
import { joinUpdate, openTracker, type Tracker } from '../testing/open-tracker.ts';
import { UntoldJoins } from './untold-joins.ts';

const AT = '2026-01-01T00:00:00.000Z';
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let tracker: Tracker;
let waiting: number | undefined;
beforeEach(async () => {
  tracker = await openTracker();
  waiting = 0;
});
afterEach(() => tracker.close());

/** As a process has it that has just started. */
function untoldJoins(): UntoldJoins {
  const { joins } = tracker.handling();
  const { store } = tracker.backend;
  return new UntoldJoins({
    joins,
    store,
    eventBus: tracker.eventBus,
    waitingEvents: () => Promise.resolve(waiting),
    clock: tracker.clock,
    log: silentLog,
  });
}

const linkOf = (name: string): string => `https://t.me/+${name}`;

/** Somebody buys and joins, and the process dies before that is published. */
async function joinUntold(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await tracker.backend.store.commit([
      createDocument(inviteLinks, inviteLinkId(linkOf(name)), {
        requestId: name,
        userId: name,
        transactionId: 't',
        inviteLink: linkOf(name),
        createdAt: AT,
      }),
    ]);
    tracker.eventBus.failNext = new RetryableError('died', 'the process died here');
    await expect(tracker.receive(joinUpdate({ link: { invite_link: linkOf(name) } }))).rejects.toThrow('died here');
  }
}

async function tell(name: string): Promise<void> {
  const eventId = MemberJoined.idOf(name);
  await tracker.backend.store.commit([
    createDocument(emissions, eventId, {
      eventId,
      requestId: name,
      eventName: eventNames.memberJoined,
      sentAt: AT,
      answer: { status: 200, body: '' },
    }),
  ]);
}

function published(): unknown[] {
  return tracker.eventBus.eventsOn(memberJoinedEvents).map(({ subject }) => subject);
}

test('a join that was recorded and not told is published, and said; when it is told, all is well', async () => {
  await joinUntold('a', 'b', 'c');
  await tell('b');
  tracker.clock.advance(5 * MINUTE_MS);
  const untold = untoldJoins();
  expect(await untold.look()).toMatchObject({
    check: 'joins_told',
    state: 'warning',
    meaning: expect.stringContaining('2 joins were recorded and not told') as unknown,
  });
  expect(published().toSorted()).toEqual(['a', 'c']);
  expect(tracker.eventBus.eventsOn(memberJoinedEvents)[0]).toMatchObject({
    time: '2026-01-01T10:00:00.000Z',
    data: { telegramUserId: '77', userId: expect.any(String) },
  });
  await tell('a');
  await tell('c');
  expect(await untold.look()).toMatchObject({ state: 'ok' });
  expect(published()).toHaveLength(2);
});

test('one of a moment ago has time to be told', async () => {
  await joinUntold('a');
  const untold = untoldJoins();
  expect(await untold.look()).toMatchObject({ state: 'ok' });
  tracker.clock.advance(5 * MINUTE_MS);
  expect(await untold.look()).toMatchObject({ state: 'warning' });
});

test('as long as so many events wait, they are late and not lost, and no start makes more of them', async () => {
  await joinUntold('a', 'b');
  tracker.clock.advance(5 * MINUTE_MS);
  waiting = 2;
  for (let start = 0; start < 3; start += 1)
    expect(await untoldJoins().look()).toMatchObject({
      state: 'ok',
      meaning: expect.stringContaining('wait for WebEngage') as unknown,
    });
  expect(published()).toEqual([]);
  waiting = 1;
  expect(await untoldJoins().look()).toMatchObject({ state: 'warning' });
});

test('one whose event is with the dead letters is in sight there', async () => {
  await joinUntold('a');
  const letter = {
    source: joinedMembersForEventEmitter.name,
    message: { data: '', attributes: {} },
    status: 'open',
    code: 'c',
    retries: 0,
    firstAt: AT,
    lastAt: AT,
    history: [],
    actions: [],
  } as const;
  await tracker.backend.store.commit([
    createDocument(deadLetters, deadLetterId(joinedMembersForEventEmitter.name, MemberJoined.idOf('a')), letter),
  ]);
  tracker.clock.advance(5 * MINUTE_MS);
  expect(await untoldJoins().look()).toMatchObject({ state: 'ok' });
});

test('those of the last days are found at a start, and those that are recorded meanwhile at the next look', async () => {
  await joinUntold('day-0');
  tracker.clock.advance(3 * DAY_MS);
  await joinUntold('day-3');
  tracker.clock.advance(2 * DAY_MS + 5 * MINUTE_MS);
  const untold = untoldJoins();
  await untold.look();
  expect(published().toSorted()).toEqual(['day-0', 'day-3']);
  for (const name of published()) await tell(String(name));
  tracker.clock.advance(DAY_MS);
  await joinUntold('day-6');
  tracker.clock.advance(5 * MINUTE_MS);
  await untold.look();
  expect(published().slice(2)).toEqual(['day-6']);
});

test('a clock that is set back between two looks hides none', async () => {
  const untold = untoldJoins();
  tracker.clock.advance(DAY_MS);
  await untold.look();
  tracker.clock.setBy(-DAY_MS / 2);
  await joinUntold('a');
  tracker.clock.advance(3 * MINUTE_MS);
  await untold.look();
  expect(published()).toEqual(['a']);
});
