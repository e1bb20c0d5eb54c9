import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy } from './harness/buyer.ts';
import {
  connect,
  FIRST_BOT,
  GOLD,
  GOLD_CHAT,
  mustSucceed,
  SECOND_BOT,
  SIGNALS_CHAT,
  startWorldOfChats,
} from './harness/communities.ts';
import { ticking } from './harness/link-pool.ts';
import { ops } from './harness/ops.ts';
import { linkInMessage } from './harness/promise.ts';
import { storedDocuments } from './harness/stored.ts';
import { closeWorlds, type World } from './harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await startWorldOfChats(ticking);
});
afterEach(closeWorlds);

/** The answer of a command that must end well. */
async function run(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await ops(world, [...args, '--json', '--yes']);
  if (code !== 0) throw new Error(`${args.join(' ')}: ${code} ${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

interface Made {
  readonly inviteLink: string;
  readonly botId: string;
}

describe('links made by hand', () => {
  test('lead into the chat of their community until they are revoked, and a join through one is known as such', async () => {
    const { link } = (await run(
      ...['communities', 'links', 'make', 'gold', '--members', '2', '--name', 'Launch party', '--expires', '1h'],
    )) as { link: Made };
    expect(world.telegram.links.get(link.inviteLink)).toMatchObject({
      chatId: GOLD_CHAT,
      botId: SECOND_BOT,
      name: 'Launch party',
      memberLimit: 2,
      expireDate: expect.any(Number),
    });
    const joined = world.telegram.join({ inviteLink: link.inviteLink });
    expect(joined).toMatchObject({ ok: true });
    await eventually(() => world.telegram.updates.pendingCount === 0);
    await run('communities', 'links', 'revoke', 'gold', link.inviteLink);
    expect(world.telegram.join({ inviteLink: link.inviteLink })).toEqual({ ok: false, reason: 'revoked' });
    expect(await run('communities', 'links', 'list', 'gold')).toMatchObject({
      links: [{ name: 'Launch party', state: 'revoked', madeBy: 'ada', revokedBy: 'ada' }],
    });
    expect(await run('communities', 'links', 'list', 'signals')).toMatchObject({ links: [] });
    expect(await world.process.stop()).toEqual({ code: 0, signal: null });
    expect((await storedDocuments(world.dataDir)).unmatched_joins).toMatchObject([
      { communityId: 'gold', reason: 'named_link', linkName: 'Launch party' },
    ]);
  });

  test('can be permanent; of a community that is not there, or without the right, nothing is made', async () => {
    const { link } = (await run('communities', 'links', 'make', 'default', '--unlimited')) as { link: Made };
    expect(world.telegram.links.get(link.inviteLink)).toMatchObject({ memberLimit: 0, expireDate: 0 });
    expect(await ops(world, ['communities', 'links', 'make', 'nowhere'])).toMatchObject({ code: 1 });
    world.telegram.chat(GOLD_CHAT).setBotStanding(SECOND_BOT, 'administrator');
    const refused = await ops(world, ['communities', 'links', 'make', 'gold']);
    expect(refused).toMatchObject({ stdout: '', stderr: expect.stringContaining('Invite users via link') });
    expect(await run('communities', 'links', 'list', 'gold')).toMatchObject({ links: [] });
  });
});

test('links are revoked in the chat where they were made, also when their community has another chat by now', async () => {
  const { link } = (await run('communities', 'links', 'make', 'gold')) as { link: Made };
  const replaced = await buy(world.url, { userId: 'asha', communityId: 'gold' });
  const erased = await buy(world.url, { userId: 'ben', communityId: 'gold' });
  const links = [link.inviteLink, await linkInMessage(world, replaced), await linkInMessage(world, erased)];
  const chatId = -1_001_234_500_008;
  world.telegram.addChat({
    chatId,
    title: 'Second gold',
    kind: 'supergroup',
    bots: [{ botId: SECOND_BOT, standing: 'inviting_administrator' }],
  });
  await run('communities', 'disconnect', 'gold');
  await mustSucceed(connect(world, { ...GOLD, chatId: String(chatId) }));
  // A look at Telegram begins with a look at which communities there are.
  await ops(world, ['doctor']);
  await run('communities', 'links', 'revoke', 'gold', link.inviteLink);
  await run('requests', 'reissue', replaced.requestId);
  await run('erase', '--request', erased.requestId);
  await eventually(() =>
    expect(links.map((inviteLink) => world.telegram.links.get(inviteLink)?.revoked)).toEqual([true, true, true]),
  );
});

test.each([
  ['a group', 'gold', GOLD_CHAT, [SECOND_BOT]],
  ['a channel', 'signals', SIGNALS_CHAT, [FIRST_BOT, SECOND_BOT]],
])('a test message to %s says which bot sent it, and its id', async (_name, communityId, chatId, bots) => {
  const answer = await run('communities', 'test-message', communityId, 'Does <this> arrive?');
  expect(answer).toMatchObject({ chatId: String(chatId), messageId: expect.any(String) });
  expect(bots.map(String)).toContain(answer['botId']);
  const said = await ops(world, ['communities', 'test-message', communityId]);
  expect(said).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^The bot .* sent message \d+ to the chat -\d+\.$/m),
  });
});
