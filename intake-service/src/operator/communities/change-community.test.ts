import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { bot, chat, CommunitiesApi } from '../testing/communities-api.ts';

let api: CommunitiesApi;

beforeEach(() => {
  api = new CommunitiesApi();
});

afterEach(() => api.close());

test('a change sets the named fields, and looks first whether the bots have the rights for it', async () => {
  await api.connect();
  api.operator.clock.advance(1_000);
  const change = (fields: object): Promise<object> =>
    api.call('communities.change', { communityId: 'gold', ...fields });
  expect(await change({ name: 'Silver', linkTtl: 'PT2H' })).toMatchObject({
    community: { name: 'Silver', linkTtl: 'PT2H', chatId: '-1001', updatedAt: '2026-01-01T00:00:01.000Z' },
  });
  api.telegram.chats['-1001'] = { ...chat, bots: [{ ...bot, mayRestrict: false }] };
  await expect(change({ removal: 'on' })).rejects.toMatchObject({ message: expect.stringContaining('can_restrict') });
  await expect(change({ botIds: ['333'] })).rejects.toMatchObject({ code: 'conflict' });
  await expect(change({})).rejects.toMatchObject({ code: 'invalid_request', issues: [{ path: '' }] });
  const twice = { path: '/botIds', message: 'must not have the same item twice' };
  await expect(change({ botIds: ['111', '111'] })).rejects.toMatchObject({ issues: [twice] });
  const none = { path: '/botIds', message: 'must have at least 1 item' };
  await expect(change({ botIds: [] })).rejects.toMatchObject({ issues: [none] });
  const noText = { path: '/linkTtl', message: 'must be string or null' };
  await expect(change({ linkTtl: 3 })).rejects.toMatchObject({ issues: [noText] });
  await expect(change({ chatId: '-1002' })).rejects.toMatchObject({ code: 'invalid_request' });
  await expect(api.call('communities.change', { communityId: 'nobody', name: 'x' })).rejects.toMatchObject({
    code: 'not_found',
  });
  expect(await api.stored()).toMatchObject({ removal: 'off', botIds: ['111'] });
});

test('what memberships need is checked, kept and shown', async () => {
  await api.connect();
  const change = (fields: object): Promise<object> =>
    api.call('communities.change', { communityId: 'gold', ...fields });
  const wanted = {
    wrongPerson: 'remove',
    grace: 'P3D',
    reminders: ['P7D', 'P1D'],
    eraseAfter: 'P1Y',
    entry: 'request',
  };
  expect(await change(wanted)).toMatchObject({ community: wanted });
  expect(await api.stored()).toMatchObject(wanted);
  for (const [fields, path] of [
    [{ grace: 'P999999Y' }, '/grace'],
    [{ grace: 'P367D' }, '/grace'],
    [{ reminders: ['P1D', 'P0D'] }, '/reminders/1'],
    [{ reminders: ['P99999Y'] }, '/reminders/0'],
    [{ eraseAfter: 'P101Y' }, '/eraseAfter'],
    [{ wrongPerson: 'ban' }, '/wrongPerson'],
  ] as const)
    await expect(change(fields)).rejects.toMatchObject({ issues: [{ path }] });
  await change({ wrongPerson: 'report' });
  api.telegram.chats['-1001'] = { ...chat, bots: [{ ...bot, mayRestrict: false }] };
  await expect(change({ wrongPerson: 'remove' })).rejects.toMatchObject({
    message: expect.stringContaining('can_restrict'),
  });
});

test('null takes back a setting that may be absent, and no other', async () => {
  await api.connect({ linkTtl: 'PT2H', reminders: ['P1D'], revokeAfterJoin: false });
  const change = (fields: object): Promise<object> =>
    api.call('communities.change', { communityId: 'gold', ...fields });
  const { community } = (await change({ linkTtl: null, reminders: null, revokeAfterJoin: null })) as {
    community: object;
  };
  for (const field of ['linkTtl', 'reminders', 'revokeAfterJoin']) expect(community).not.toHaveProperty(field);
  expect(await api.stored()).toEqual(community);
  await expect(change({ name: null })).rejects.toMatchObject({ issues: [{ path: '/name' }] });
});

test('of two operators who change a community at once, one is told that it has changed', async () => {
  await api.connect();
  api.telegram.asked = async () => {
    api.telegram.asked = undefined;
    await api.call('communities.change', { communityId: 'gold', name: 'Theirs' });
  };
  await expect(api.call('communities.change', { communityId: 'gold', removal: 'on' })).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(await api.stored()).toMatchObject({ name: 'Theirs', removal: 'off' });
});

test('a change is newer than the newest one, also when the clock was set back', async () => {
  await api.connect();
  await api.operator.backend.store.commit([
    createDocument(communities, 'ahead', {
      ...(await api.stored()),
      communityId: 'ahead',
      updatedAt: '2027-01-01T00:00:00.000Z',
    } as never),
  ]);
  await api.call('communities.change', { communityId: 'gold', name: 'Later' });
  expect(await api.stored()).toMatchObject({ updatedAt: '2027-01-01T00:00:00.000Z' });
});

test('a community that is disconnected gives up its chat, which another may have then; and it may come back', async () => {
  await api.connect();
  const disconnect = (): Promise<object> => api.call('communities.disconnect', { communityId: 'gold' });
  const gone = await disconnect();
  expect(gone).toMatchObject({ community: { state: 'disconnected', chatId: '-1001' } });
  expect(await disconnect()).toEqual(gone);
  expect(await api.claim('-1001')).toBeUndefined();
  await api.connect({ communityId: 'silver' });
  await expect(api.connect()).rejects.toMatchObject({ message: expect.stringContaining('"silver"') });
  const again = (await api.connect({ chatId: '-1002' })).community;
  expect(again).toMatchObject({ state: 'connected', chatId: '-1002' });
  expect(again).not.toHaveProperty('disconnectedAt');
});
