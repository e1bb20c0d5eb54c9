import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { removalAnswered } from '@paid-community/shared/model/memberships/account-life.ts';
import { grants } from '@paid-community/shared/model/memberships/grant.ts';
import { accountErased } from '@paid-community/shared/model/memberships/erase-membership.ts';
import { memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { MembershipsApi } from '../testing/memberships-api.ts';

const END = '2026-02-01T00:00:00.000Z';

let api: MembershipsApi;
let membershipId: string;

beforeEach(async () => {
  api = new MembershipsApi();
  await api.open();
  membershipId = await api.member('asha', { endsAt: END, telegramUserId: '42' });
});

afterEach(() => api.close());

interface Answer {
  readonly erased: Readonly<Record<string, number>>;
  readonly lost?: readonly object[];
  readonly nextCursor?: string;
}

async function erase(asked: object): Promise<readonly Answer[]> {
  const pages: Answer[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await api.operator.call<Answer>('person.erase', { ...asked, cursor });
    pages.push(page);
    cursor = page.nextCursor;
    if (cursor === undefined) return pages;
  }
}

const isKnown = async (): Promise<boolean> => (await api.stored(membershipId)) !== undefined;

/** Telegram says that the account is out. */
async function removed(): Promise<void> {
  await api.operator.call('memberships.revoke', { membershipId });
  const { backend, clock } = api.operator;
  clock.advance(1_000);
  await changeDocument(backend.store, memberships, membershipId, (known) => {
    const at = new Date(clock.now()).toISOString();
    return known && removalAnswered(known, { telegramUserId: '42', at }, api.community, clock.now());
  });
}

test('who is inside and to be removed is not erased before the removal is confirmed, and the refusal says what to do', async () => {
  await expect(erase({ userId: 'asha' })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(new RegExp(`Revoke the membership ${membershipId} in gold; .*With \`now\``)),
  });
  await api.operator.call('memberships.revoke', { membershipId });
  await expect(erase({ userId: 'asha' })).rejects.toMatchObject({ code: 'conflict' });
  expect(await isKnown()).toBe(true);
});

test('after it the membership and its grants are erased, and nothing is lost', async () => {
  await removed();
  const pages = await erase({ userId: 'asha' });
  expect(pages[0]?.lost).toEqual([]);
  expect(pages.reduce((sum, { erased }) => sum + (erased['memberships'] ?? 0) + (erased['grants'] ?? 0), 0)).toBe(2);
  expect([await isKnown(), await api.operator.backend.store.get(grants, 'request-of-asha')]).toEqual([
    false,
    undefined,
  ]);
});

test('with now it is erased at once, and the answer says who stays inside', async () => {
  const [first] = await erase({ userId: 'asha', now: true });
  expect(first?.lost).toEqual([{ membershipId, communityId: 'gold', endsAt: END }]);
  expect(await isKnown()).toBe(false);
});

test.each([
  ['where nobody is removed', () => changeCommunity('off')],
  ['who is exempt', () => api.operator.call('memberships.exempt', { membershipId, exempt: true })],
])('somebody %s is erased at once', async (_who, given) => {
  await given();
  expect((await erase({ userId: 'asha' }))[0]?.lost).toEqual([]);
  expect(await isKnown()).toBe(false);
});

async function changeCommunity(removal: 'off'): Promise<void> {
  await api.close();
  api = new MembershipsApi({ removal });
  await api.open();
  membershipId = await api.member('asha', { endsAt: END, telegramUserId: '42' });
}

test('of several purchases one can be erased: the membership is what the others give', async () => {
  await api.operator.call('memberships.extend', { membershipId, endsAt: '2026-03-01T00:00:00.000Z' });
  await erase({ requestId: 'request-of-asha' });
  expect(await api.stored(membershipId)).toMatchObject({ state: 'active', endsAt: '2026-03-01T00:00:00.000Z' });
  expect(await api.operator.backend.store.get(grants, 'request-of-asha')).toBeUndefined();
});

test('the only purchase of a membership takes it along, once nobody is inside by it', async () => {
  await expect(erase({ requestId: 'request-of-asha' })).rejects.toMatchObject({ code: 'conflict' });
  await removed();
  await erase({ requestId: 'request-of-asha' });
  expect(await isKnown()).toBe(false);
});

test('the account of somebody else is no more than forgotten, and the next one that comes is bound', async () => {
  await expect(erase({ userId: 'ben', telegramUserId: '42' })).rejects.toMatchObject({ code: 'conflict' });
  await erase({ userId: 'ben', telegramUserId: '42', now: true });
  expect(await api.stored(membershipId)).toMatchObject({ userId: 'asha', presence: 'unknown', isAdmitted: false });
  expect((await api.stored(membershipId))?.telegramUserId).toBeUndefined();
});

test('an account is forgotten once, and no other one', async () => {
  const known = await api.stored(membershipId);
  if (known === undefined) throw new Error('There is one');
  expect(accountErased(known, '43', api.community, api.operator.clock.now())).toBe(known);
});

test('the Telegram account alone is enough for somebody who was imported by it', async () => {
  membershipId = await api.member('', { endsAt: END, telegramUserId: '77' });
  await erase({ telegramUserId: '77', now: true });
  expect(await isKnown()).toBe(false);
});
