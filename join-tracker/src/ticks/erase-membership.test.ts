import { afterEach, expect, test } from '@jest/globals';
import { grants } from '@paid-community/shared/model/memberships/grant.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { removalAnswered } from '@paid-community/shared/model/memberships/account-life.ts';
import { membershipIdOf, memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { createDocument, type DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { DAY_MS, openTicks, type OpenedTicks } from '../testing/open-ticks.ts';

const MINUTE_MS = 60_000;

let opened: OpenedTicks;

afterEach(() => opened.close());

async function buyWithGrant(userId: string, test = false): Promise<void> {
  await opened.buy({ userId, period: 'P1D', test });
  const at = new Date(opened.clock.now()).toISOString();
  const requestId = `request-of-${userId}`;
  await opened.store.commit([
    createDocument(grants, requestId, {
      grantId: requestId,
      kind: 'purchase',
      membershipId: membershipIdOf('gold', { userId }),
      communityId: 'gold',
      userId,
      transactionId: 'txn',
      period: 'P1D',
      from: at,
      createdAt: at,
    }),
    createDocument(joins, requestId, { requestId, telegramUserId: `tg-${userId}`, joinedAt: at, inviteLinkHash: 'x' }),
  ]);
}

async function removed(userId: string): Promise<void> {
  const answer = { telegramUserId: `tg-${userId}`, at: new Date(opened.clock.now()).toISOString() };
  await changeDocument(opened.store, memberships, membershipIdOf('gold', { userId }), (known) =>
    known === undefined ? undefined : removalAnswered(known, answer, opened.community(), opened.clock.now()),
  );
}

async function left(userId: string): Promise<readonly string[]> {
  const id = `request-of-${userId}`;
  const { store } = opened;
  const found = {
    member: await opened.member(userId),
    grant: await store.get(grants, id),
    join: await store.get(joins, id),
  };
  return Object.entries(found).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

test('a person is kept for the time that the community says, and only goes after being removed', async () => {
  opened = await openTicks({ eraseAfter: 'P10D' });
  await buyWithGrant('anna');
  await buyWithGrant('still-inside');
  opened.clock.advance(DAY_MS);
  await opened.live(MINUTE_MS);
  await removed('anna');
  opened.clock.advance(9 * DAY_MS);
  await opened.tick();
  expect(await left('anna')).toEqual(['member', 'grant', 'join']);
  opened.clock.advance(DAY_MS);
  await opened.tick();
  expect([await left('anna'), await left('still-inside')]).toEqual([[], ['member', 'grant', 'join']]);
  const { documents } = await opened.store.query({
    collection: memberships,
    where: { userId: 'anna' },
    orderBy: { field: 'createdAt', direction: 'ascending' },
    limit: 10,
  });
  expect(documents).toEqual([]);
});

test('a test journey leaves nothing, also where removals are off', async () => {
  opened = await openTicks({ removal: 'off' });
  await buyWithGrant('test', true);
  await buyWithGrant('anna');
  opened.clock.advance(DAY_MS);
  await opened.live(MINUTE_MS);
  expect(opened.askedOut()).toEqual(['tg-test']);
  await removed('test');
  await opened.live(2 * MINUTE_MS);
  expect([await left('test'), await left('anna')]).toEqual([[], ['member', 'grant', 'join']]);
});

test('somebody who pays in the moment of the erasure keeps what was paid for', async () => {
  opened = await openTicks({ eraseAfter: 'P10D' });
  await buyWithGrant('anna');
  opened.clock.advance(DAY_MS);
  await opened.live(MINUTE_MS);
  await removed('anna');
  opened.clock.advance(10 * DAY_MS);
  const store: DocumentStore = {
    ...opened.ports(),
    commit: async (writes) => {
      if (writes.some(({ kind }) => kind === 'delete')) await opened.buyAgain('anna');
      return opened.store.commit(writes);
    },
  };
  const lines: string[] = [];
  const log = createLogger({ level: 'info', secrets: [], write: (line) => lines.push(line) });
  await opened.instance({ store, log })();
  expect(lines).toEqual([]);
  expect(await opened.member('anna')).toMatchObject({ state: 'active', userId: 'anna' });
  expect(await left('anna')).toContain('grant');
});
