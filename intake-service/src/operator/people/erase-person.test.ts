import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { joins } from '@paid-community/shared/model/memberships/join.ts';
import { grants } from '@paid-community/shared/model/memberships/grant.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { deadLetterTopic, healthChecks } from '@paid-community/shared/model/topics.ts';
import { poolLinks, retiringLinkId } from '@paid-community/shared/model/links/pool-link.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { FAILED_REQUEST, openOperator, type Operator } from '../testing/open-operator.ts';
import { EVE, EVES_REQUEST, BOB, BOBS_REQUEST, AT, PLACES, fill } from './testing/two-people.ts';
import { erase, rows, tracesLeft } from './testing/erasure.ts';

let operator: Operator;
beforeEach(() => {
  operator = openOperator();
});
afterEach(() => operator.close());

describe('erasing a person', () => {
  test('knows every collection and topic: a new one says in PLACES what an erasure does with it', () => {
    const names = [...topology.collections, ...topology.topics].map(({ name }) => name);
    expect(names.toSorted()).toEqual(Object.keys(PLACES).toSorted());
    const aboutPeople = [
      ...topology.collections.filter(({ personalFields }) => Object.keys(personalFields).length > 0),
      ...topology.topics.filter(({ personalData = [] }) => personalData.length > 0),
    ].map(({ name }) => name);
    const filled = Object.keys(PLACES).filter((name) => typeof PLACES[name] === 'function');
    const filledWithOthers = [deadLetterTopic.name, grants.name];
    expect(aboutPeople.toSorted()).toEqual([...filled, ...filledWithOthers].toSorted());
    expect(healthChecks.retentionSeconds).toBeLessThanOrEqual(600);
  });

  test('has the link that works revoked, and no other', async () => {
    await fill(operator);
    await erase(operator, { userId: EVE.userId });
    const { store } = operator.backend;
    const retiring = await store.get(poolLinks, retiringLinkId(EVE.link));
    expect(retiring?.data).toMatchObject({ state: 'RETIRING', because: 'erased', inviteLink: EVE.link });
    expect(await store.get(poolLinks, retiringLinkId(EVE.earlier))).toBeUndefined();
    expect(await store.get(poolLinks, retiringLinkId(BOB.link))).toBeUndefined();
  });

  test('leaves nothing of them in any of these, and all of everybody else', async () => {
    await fill(operator);
    expect((await tracesLeft(operator)).length).toBeGreaterThan(15);
    const bobsBefore = (await rows(operator)).filter(
      (row) => row.includes(BOB.userId) && !row.includes(EVE.telegramUserId),
    );
    expect(await erase(operator, { userId: EVE.userId })).toEqual({
      requests: 1,
      links: 2,
      joins: 2,
      unmatchedJoins: 1,
      memberships: 3,
      grants: 2,
      ledgerEntries: 1,
      deadLetters: 4,
      messages: 9,
    });
    expect(await tracesLeft(operator)).toEqual([]);
    const after = await rows(operator);
    expect(after).toEqual(expect.arrayContaining([...bobsBefore]));
    expect(after.some((row) => row.includes('eve_secret_2'))).toBe(true);
    const store = operator.backend.store;
    expect((await store.get(inviteRequests, BOBS_REQUEST))?.data).toMatchObject({ status: 'DONE', userId: BOB.userId });
    expect((await store.get(joins, BOBS_REQUEST))?.data).toMatchObject({ telegramUserId: '', joinedAt: AT });
  });

  test('one purchase only, by its requestId, leaves the others of the same user', async () => {
    await fill(operator);
    await operator.backend.store.commit([
      createDocument(inviteRequests, 'other', { ...FAILED_REQUEST, requestId: 'other', userId: EVE.userId }),
    ]);
    expect(await erase(operator, { requestId: EVES_REQUEST })).toMatchObject({ requests: 1, links: 2 });
    expect((await operator.backend.store.get(inviteRequests, 'other'))?.data).toMatchObject({
      userId: EVE.userId,
    });
    expect(
      (await rows(operator)).filter(
        (row) => row.includes(EVE.telegramUserId) && !row.includes(`1${EVE.telegramUserId}`),
      ),
    ).toEqual([]);
  });

  test('a second time changes nothing, and a requestId of nobody leaves nothing behind', async () => {
    await fill(operator);
    await erase(operator, { userId: EVE.userId });
    const before = (await rows(operator)).filter((row) => row.startsWith('documents'));
    expect(Object.values(await erase(operator, { userId: EVE.userId })).every((count) => count === 0)).toBe(true);
    await erase(operator, { requestId: '33333333-89ab-8def-8123-456789abcdef' });
    expect((await rows(operator)).filter((row) => row.startsWith('documents'))).toEqual(before);
    await expect(operator.call('person.erase', {})).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test.each(['e30', 'bm9uc2Vuc2U', Buffer.from('{"step":99,"telegramUserIds":[]}').toString('base64url')])(
    'the cursor %s is refused',
    async (cursor) => {
      await expect(operator.call('person.erase', { userId: 'u', cursor })).rejects.toMatchObject({
        code: 'invalid_request',
      });
    },
  );
});
