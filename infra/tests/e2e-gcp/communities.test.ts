import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { withEmulators } from '../emulators/with-emulators.ts';
import { buy } from '../e2e/harness/buyer.ts';
import {
  BOTS_AND_CHATS,
  callOperator,
  connect,
  GOLD_CHAT,
  SECOND_BOT,
  SIGNALS_CHAT,
} from '../e2e/harness/communities.ts';
import { eventsOf, linkInMessage } from '../e2e/harness/promise.ts';
import { JOINED } from '../e2e/harness/wire.ts';
import { CloudWorld } from './harness/cloud-world.ts';

// Communities where each service is a process of its own: conditional commits of Firestore, questions to Telegram
// through Cloud Tasks, events through Pub/Sub.

const PATIENCE = { intervalMs: 100 };

let world: CloudWorld;

withEmulators(['cloud-firestore-emulator', 'pubsub-emulator'], () => {
  beforeAll(async () => {
    world = await CloudWorld.open({ telegram: BOTS_AND_CHATS });
  });
  afterAll(() => world.close());
  describe('communities on Google Cloud', communitiesOnGoogleCloud);
});

function communitiesOnGoogleCloud(): void {
  const botIds = [String(SECOND_BOT)];

  test('of two operators who connect one chat at once, and of two who take one id, one each succeeds', async () => {
    const sameChat = await Promise.all(
      ['gold', 'silver'].map((communityId) => connect(world, { communityId, chatId: String(GOLD_CHAT), botIds })),
    );
    expect(sameChat.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    const sameId = await Promise.all(
      [SIGNALS_CHAT, SIGNALS_CHAT].map((chatId) =>
        connect(world, { communityId: 'signals', chatId: String(chatId), botIds }),
      ),
    );
    expect(sameId.map(({ status }) => status)).toEqual(expect.arrayContaining([200]));
    const { json } = await callOperator(world, 'GET', '/communities');
    const { communities } = json as { readonly communities: readonly { communityId: string; chatId?: string }[] };
    const chats = communities.map(({ chatId }) => chatId);
    expect(chats.filter((chatId) => chatId === String(GOLD_CHAT))).toHaveLength(1);
    expect(chats.filter((chatId) => chatId === String(SIGNALS_CHAT))).toHaveLength(1);
  });

  test('a purchase gets its link in the chat of its community, by its bot, and the join counts there', async () => {
    const purchase = await buy(world.url, { userId: 'u', transactionId: 't', communityId: 'signals' });
    const inviteLink = await linkInMessage(world, purchase);
    expect(world.telegram.links.get(inviteLink)).toMatchObject({ chatId: SIGNALS_CHAT, botId: SECOND_BOT });
    expect(world.telegram.join({ inviteLink })).toMatchObject({ ok: true });
    await eventually(
      () => expect(eventsOf(world, JOINED)).toMatchObject([{ userId: 'u', eventData: { communityId: 'signals' } }]),
      PATIENCE,
    );
  });

  test('operators make a link by hand, list and revoke it, and send a message: each question is answered once', async () => {
    const made = await callOperator(world, 'POST', '/communities/signals/links', { name: 'Launch', memberLimit: 3 });
    expect(made).toMatchObject({ status: 200, json: { link: { state: 'usable', botId: String(SECOND_BOT) } } });
    const { inviteLink } = (made.json as { readonly link: { readonly inviteLink: string } }).link;
    expect(world.telegram.links.get(inviteLink)).toMatchObject({ chatId: SIGNALS_CHAT, memberLimit: 3 });
    const revoke = await Promise.all(
      [1, 2].map(() => callOperator(world, 'POST', '/communities/signals/links/revoke', { inviteLink })),
    );
    expect(revoke.map(({ status }) => status)).toEqual([200, 200]);
    expect(world.telegram.links.get(inviteLink)).toMatchObject({ revoked: true });
    expect(await callOperator(world, 'GET', '/communities/signals/links')).toMatchObject({
      json: { links: [{ name: 'Launch', state: 'revoked' }] },
    });
    expect(await callOperator(world, 'POST', '/communities/signals/test-message', { text: 'Hello' })).toMatchObject({
      status: 200,
      json: { chatId: String(SIGNALS_CHAT), botId: String(SECOND_BOT) },
    });
    expect(world.telegram.calls.of('sendMessage')).toBe(1);
  });

  test('a community that is disconnected takes no purchases any more, wherever it was known', async () => {
    expect(await callOperator(world, 'POST', '/communities/signals/disconnect', {})).toMatchObject({ status: 200 });
    await eventually(
      () => expect(buy(world.url, { userId: 'late', transactionId: 'late', communityId: 'signals' })).rejects.toThrow(),
      { intervalMs: 500, timeoutMs: 30_000 },
    );
  });
}
