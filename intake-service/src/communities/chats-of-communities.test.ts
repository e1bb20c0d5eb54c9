import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ExaminedChat } from '@paid-community/shared/model/communities/chat-standing.ts';
import { communityChats } from '@paid-community/shared/model/communities/community-chat.ts';
import { ChatMigrated, ChatOffered } from '@paid-community/shared/model/communities/community-events.ts';
import { settingsOf, waiting } from '@paid-community/shared/model/communities/community-life.ts';
import { communities, type Community } from '@paid-community/shared/model/communities/community.ts';
import { connectionCodes } from '@paid-community/shared/model/communities/connection-code.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { communityEvents } from '@paid-community/shared/model/topics.ts';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { AnsweringTaskQueue, type TelegramOfTest } from '../operator/testing/answering-task-queue.ts';
import { connectOnChatOffered, type CommunityEventDeps } from './connect-on-chat-offered.ts';
import { moveChatOnChatMigrated } from './move-chat-on-chat-migrated.ts';

const AT = '2026-01-01T00:00:00.000Z';
const bot = { botId: '111', username: 'gold_bot', status: 'administrator', mayInvite: true, mayRestrict: true };
const chat: ExaminedChat = { chatId: '-1001', title: 'Gold', kind: 'supergroup', bots: [bot] };

describe('the chats of communities', () => {
  let backend: Backend;
  let close: () => Promise<void>;
  let eventBus: RecordingEventBus;
  let telegram: TelegramOfTest & { chats: Record<string, ExaminedChat> };
  let deps: CommunityEventDeps;

  beforeEach(() => {
    const clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    eventBus = new RecordingEventBus();
    telegram = { chats: { '-1001': chat }, bots: [bot] };
    const { store } = backend;
    deps = { store, eventBus, taskQueue: new AnsweringTaskQueue(store, telegram), clock, log: silentLog };
  });

  afterEach(() => close());

  const storeIt = (community: Community): Promise<void> =>
    backend.store.commit([createDocument(communities, community.communityId, community)]);
  const wait = (): Promise<void> => storeIt(waiting('gold', settingsOf(someCommunity()), undefined, AT));
  const offer = (chatId = '-1001'): Promise<void> =>
    connectOnChatOffered(
      ChatOffered.create({ time: AT, traceparent: 't', data: { communityId: 'gold', chatId, botId: '111' } }),
      deps,
    );
  const migrate = (fromChatId: string, toChatId: string): Promise<void> =>
    moveChatOnChatMigrated(
      ChatMigrated.create({ time: AT, traceparent: 't', data: { communityId: 'gold', fromChatId, toChatId } }),
      deps,
    );
  const gold = async (): Promise<Community | undefined> => (await backend.store.get(communities, 'gold'))?.data;
  const claimed = async (chatId: string): Promise<string | undefined> =>
    (await backend.store.get(communityChats, chatId))?.data.communityId;

  test('a waiting community is connected to the chat in which its link was tapped, once, and its codes are gone', async () => {
    await wait();
    const code = { communityId: 'gold', botId: '111', createdAt: AT, expiresAt: '2026-01-01T01:00:00.000Z' };
    await backend.store.commit([
      createDocument(connectionCodes, 'ours', code),
      createDocument(connectionCodes, 'theirs', { ...code, communityId: 'silver' }),
    ]);
    await offer();
    await offer();
    expect(await gold()).toEqual(someCommunity());
    expect(await claimed('-1001')).toBe('gold');
    const ids = eventBus.eventsOn(communityEvents).map(({ id }) => id);
    expect(ids).toEqual([ids[0], ids[0]]);
    expect(await backend.store.get(connectionCodes, 'ours')).toBeUndefined();
    expect(await backend.store.get(connectionCodes, 'theirs')).toBeDefined();
  });

  test('what a chat lacks is kept for the operator; once it is there, the next tap connects it', async () => {
    await wait();
    telegram.chats['-1001'] = { ...chat, bots: [{ ...bot, mayInvite: false }] };
    await offer();
    expect(await gold()).toMatchObject({
      state: 'waiting',
      offer: { chatId: '-1001', faults: [expect.stringContaining('can_invite_users')] },
    });
    expect(await claimed('-1001')).toBeUndefined();
    telegram.chats['-1001'] = chat;
    await offer();
    expect(await gold()).toEqual(someCommunity());
  });

  test('a chat that another community has is not taken from it', async () => {
    await wait();
    await storeIt(someCommunity({ communityId: 'silver' }));
    await backend.store.commit([createDocument(communityChats, '-1001', { communityId: 'silver', claimedAt: AT })]);
    await offer();
    expect(await gold()).toMatchObject({ state: 'waiting', offer: { faults: [expect.stringContaining('"silver"')] } });
    expect(await claimed('-1001')).toBe('silver');
  });

  test.each([
    ['nobody has connected', undefined],
    ['has another chat', someCommunity({ chatId: '-1002' })],
  ])('a chat that is offered to a community that %s changes nothing', async (_, community) => {
    if (community !== undefined) await storeIt(community);
    await offer();
    expect(await gold()).toEqual(community);
    expect(eventBus.published).toEqual([]);
  });

  test('a community follows its group to its new id, with the claim; told again, nothing changes', async () => {
    await wait();
    await offer();
    await migrate('-1001', '-1009');
    await migrate('-1001', '-1009');
    expect(await gold()).toMatchObject({ state: 'connected', chatId: '-1009', connectedAt: AT });
    expect([await claimed('-1001'), await claimed('-1009')]).toEqual([undefined, 'gold']);
  });

  test('a migration of a chat that the community has no more changes nothing', async () => {
    await storeIt(someCommunity({ chatId: '-1002' }));
    await migrate('-1001', '-1009');
    expect(await gold()).toEqual(someCommunity({ chatId: '-1002' }));
    expect(await claimed('-1009')).toBeUndefined();
  });

  test('a migration is that of the community which has the chat, also when a former one told of it', async () => {
    await storeIt(someCommunity({ communityId: 'silver' }));
    await storeIt(someCommunity({ chatId: '-1002' }));
    await backend.store.commit([createDocument(communityChats, '-1001', { communityId: 'silver', claimedAt: AT })]);
    await migrate('-1001', '-1009');
    expect((await backend.store.get(communities, 'silver'))?.data).toMatchObject({ chatId: '-1009' });
    expect(await gold()).toMatchObject({ chatId: '-1002' });
  });

  test('a new id that another community has is not taken from it', async () => {
    await storeIt(someCommunity());
    await backend.store.commit([createDocument(communityChats, '-1009', { communityId: 'silver', claimedAt: AT })]);
    await expect(migrate('-1001', '-1009')).rejects.toMatchObject({ code: 'conflict' });
    expect(await gold()).toEqual(someCommunity());
  });
});
