import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { bot, chat, CommunitiesApi } from '../testing/communities-api.ts';

let api: CommunitiesApi;

beforeEach(() => {
  api = new CommunitiesApi();
});

afterEach(() => api.close());

test('default is there before anybody changes it; it is changed, disconnected and connected again', async () => {
  expect(await api.call('communities.show', { communityId: 'default' })).toMatchObject({
    community: { state: 'connected', botIds: [] },
  });
  await expect(api.connect({ communityId: 'default', chatId: undefined })).rejects.toMatchObject({ code: 'conflict' });
  await api.call('communities.change', { communityId: 'default', poolSize: 3 });
  expect(await api.stored('default')).toMatchObject({ state: 'waiting', poolSize: 3, botIds: [] });
  await api.call('communities.disconnect', { communityId: 'default' });
  expect(await api.stored('default')).toMatchObject({ state: 'disconnected', poolSize: 3 });
  const again = await api.connect({ communityId: 'default', chatId: undefined });
  expect(again).toMatchObject({ community: { communityId: 'default', state: 'connected', poolSize: 0 } });
});

test('of default, what its settings need is looked at before they are taken, also when it comes back', async () => {
  api.telegram.chats['of the settings'] = { ...chat, chatId: '-1000', bots: [{ ...bot, mayRestrict: false }] };
  const tries = [
    [{ removal: 'on' }, 'conflict', 'can_restrict_members'],
    [{ botIds: ['222'] }, 'conflict', '222 is not one whose token'],
    [{ poolSize: 1_000_000_000_000 }, 'invalid_request', 'not valid'],
    [{ poolSize: 3, entry: 'request' }, 'invalid_request', 'not valid'],
  ] as const;
  for (const [fields, code, words] of tries)
    await expect(api.call('communities.change', { communityId: 'default', ...fields })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  expect(await api.stored('default')).toBeUndefined();
  await api.call('communities.change', { communityId: 'default', botIds: ['111'] });
  await api.call('communities.disconnect', { communityId: 'default' });
  for (const [fields, code] of tries)
    await expect(api.connect({ communityId: 'default', chatId: undefined, ...fields })).rejects.toMatchObject({ code });
  expect(await api.stored('default')).toMatchObject({ state: 'disconnected' });
});

test('default has no date that nobody knows', async () => {
  const times = async (): Promise<object> => {
    const { community } = await api.call<{ community: Record<string, unknown> }>('communities.show', {
      communityId: 'default',
    });
    return Object.fromEntries(Object.entries(community).filter(([field]) => field.endsWith('At')));
  };
  expect(await times()).toEqual({});
  await api.call('communities.change', { communityId: 'default', name: 'Club' });
  expect(await times()).toEqual({ updatedAt: '2026-01-01T00:00:00.000Z' });
});
