import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LinkNeeded } from '@paid-community/shared/model/links/link-needed.ts';
import { accountBound, presenceSeen } from '@paid-community/shared/model/memberships/account-life.ts';
import { stepped } from '@paid-community/shared/model/memberships/steps.ts';
import { memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import type { SeeMember, SeenMember } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { telegramAnswers } from '@paid-community/shared/model/operations/telegram-answer.ts';
import {
  PurchaseReceived,
  type PurchaseReceivedData,
} from '@paid-community/shared/model/purchases/purchase-received.ts';
import { purchaseEvents } from '@paid-community/shared/model/topics.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { DAY_MS, MEMBERSHIP_ID, openMemberships, type OpenedMemberships } from '../testing/open-memberships.ts';

const RULES = { timeZone: 'UTC', removal: 'on', disputeSuspends: false } as const;

let opened: OpenedMemberships;
let purchase: DomainEvent<PurchaseReceivedData>;

beforeEach(async () => {
  opened = await openMemberships({ removal: 'on' });
  purchase = opened.bought();
  await opened.deliver(purchase);
  await isSeen('inside');
});
afterEach(() => opened.close());

/** What it brings about is no part of the test. */
async function changes(change: (known: Membership) => Membership): Promise<void> {
  await changeDocument(
    opened.backend.store,
    memberships,
    MEMBERSHIP_ID,
    (known) => known && { ...change(known), effects: [] },
  );
}

/** By an update of now. */
async function isSeen(presence: 'inside' | 'outside'): Promise<void> {
  const now = opened.clock.now();
  const seen = { presence, at: new Date(now).toISOString(), departure: 'left', isAdmitted: true } as const;
  await changes((known) => presenceSeen(accountBound(known, '77', now), seen, RULES, now));
}

const postedAgain = (): DomainEvent<PurchaseReceivedData> => opened.happens(PurchaseReceived, purchase.data);
const questions = (): ReturnType<typeof SeeMember.parse>[] =>
  opened.taskQueue.tasks
    .filter(({ payload }) => payload.includes('"see-member"'))
    .map(({ payload }) => JSON.parse(payload) as ReturnType<typeof SeeMember.parse>);
const linksNeeded = (): unknown[] =>
  opened.eventBus.published
    .filter(({ topic }) => topic === purchaseEvents.name)
    .map(({ message }) => LinkNeeded.parse(message).data.requestId);

/** The purchase is posted again, and Telegram sees the person there. */
async function looks(place: SeenMember['place']): Promise<void> {
  const delivered = opened.deliver(postedAgain());
  await eventually(() => expect(questions()).toHaveLength(1));
  const { askId, telegramUserId, communityId } = questions()[0] ?? { askId: '' };
  expect({ telegramUserId, communityId }).toEqual({ telegramUserId: '77', communityId: 'gold' });
  const times = { answeredAt: '2026-01-01T00:00:00.000Z', expiresAt: '2027-01-01T00:00:00.000Z' };
  await opened.backend.store.commit([
    createDocument(telegramAnswers, askId, { askId, ...times, kind: 'answered', result: { place } }),
  ]);
  opened.clock.advance(100);
  await delivered;
}

describe('a purchase that is posted again, of somebody who is inside as far as updates said', () => {
  beforeEach(() => opened.clock.advance(DAY_MS));

  test('gives another link when Telegram sees the person outside: the update was lost', async () => {
    await looks('outside');
    expect(await opened.membership()).toMatchObject({ presence: 'outside', state: 'active' });
    expect(linksNeeded()).toEqual(['request-1']);
    expect(opened.told()).toEqual(['MembershipStarted']);
  });

  test('gives none when an administrator has banned the person', async () => {
    await looks('banned');
    expect(await opened.membership()).toMatchObject({ presence: 'outside', departure: 'kicked' });
    expect(linksNeeded()).toEqual([]);
  });

  test.each(['inside', 'unknown'] as const)('changes nothing when Telegram says: %s', async (place) => {
    const before = await opened.membership();
    await looks(place);
    expect(await opened.membership()).toEqual(before);
    expect(linksNeeded()).toEqual([]);
  });

  test('an update that comes afterwards counts more, also when it is of before the answer', async () => {
    await looks('outside');
    const at = new Date(opened.clock.now() - 60_000).toISOString();
    await changes((known) => presenceSeen(known, { presence: 'inside', at }, RULES, opened.clock.now()));
    expect(await opened.membership()).toMatchObject({ presence: 'inside', presenceAt: at });
  });
});

test.each([
  ['just seen inside: the update is newer than what Telegram may answer', () => Promise.resolve()],
  [
    'outside: link-worker gives the link',
    async () => {
      await isSeen('outside');
      opened.clock.advance(DAY_MS);
    },
  ],
  [
    'not to be inside any more',
    async () => {
      opened.clock.advance(31 * DAY_MS);
      await changes((known) => stepped(known, RULES, opened.clock.now()));
    },
  ],
])('nobody asks for somebody who is %s', async (_who, prepare) => {
  opened.clock.advance(60_000);
  await prepare();
  await opened.deliver(postedAgain());
  expect(questions()).toEqual([]);
});

test('a redelivery and a replay of the past ask for nothing', async () => {
  opened.clock.advance(2 * DAY_MS);
  const again = postedAgain();
  await opened.deliver(purchase);
  opened.clock.advance(DAY_MS);
  await opened.deliver(again);
  expect(questions()).toEqual([]);
});
