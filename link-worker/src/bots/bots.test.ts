import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { botOfRate, botRates } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import type { BotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { watchStore } from '../testing/watched-store.ts';
import { Bots } from './bots.ts';

const SPACING_MS = 200;
const PAUSE_MS = 14 * 24 * 3_600_000;
const api: BotApi = { call: () => Promise.resolve(true), close: () => undefined };

describe('the bots of a process', () => {
  let clock: ManualClock;
  let backend: Backend;
  let close: () => Promise<void>;
  let store: DocumentStore;
  let settled: () => Promise<void>;

  beforeEach(() => {
    clock = new ManualClock();
    ({ backend, close } = openTemporaryBackend(clock));
    ({ store, settled } = watchStore(backend.store));
  });

  afterEach(() => close());

  function botsOf(...botIds: readonly string[]): Bots {
    return new Bots(
      {
        bots: botIds.map((botId) => ({ botId, api })),
        communities: botIds.map((botId) => ({ communityId: `of-${botId}`, botId, chatId: `-100${botId}` })),
        instanceId: 'instance',
        bounds: { adaptive: false, startPerSecond: 1_000 / SPACING_MS, floorPerSecond: 0.02, ceilingPerSecond: 30 },
      },
      { store, clock, log: silentLog },
    );
  }

  test('a community is served by its bot, in its chat; another one belongs with the dead letters', () => {
    const bots = botsOf('7', '8');
    expect(bots.of('of-8')).toMatchObject({ bot: { botId: '8' }, chat: { configuredId: '-1008' } });
    expect(() => bots.of('nobody')).toThrow(expect.objectContaining({ code: 'unknown_community' }));
  });

  test('each kind of call of each bot has a pace and a pause of its own; links have the document of before', async () => {
    const bots = botsOf('7', '8');
    const pacers = [bots.of('of-7').bot, bots.of('of-8').bot].flatMap((bot) => [
      bot.pacer('link'),
      bot.pacer('member'),
    ]);
    await pacers[0]?.refused(clock.monotonicMs(), 30_000);
    expect(await Promise.all(pacers.map(async (pacer) => (await pacer.turn()).granted))).toEqual([
      false,
      true,
      true,
      true,
    ]);
    const ids = ['7', '7.member', '8', '8.member'];
    for (const id of ids) expect(await store.get(botRates, id)).toBeDefined();
    expect(ids.map(botOfRate)).toEqual(['7', '7', '8', '8']);
  });

  test('of several bots, one call of each waits in the handler, and the others get the time of their turn at once', async () => {
    const bots = botsOf('7', '8');
    const [busy, other] = bots.all.map((bot) => bot.pacer('link'));
    expect(await busy?.turn()).toEqual({ granted: true });
    const waiting = busy?.turn();
    await settled();
    expect(await busy?.turn()).toEqual({ granted: false, notBefore: new Date(clock.now() + 2 * SPACING_MS) });
    expect(await other?.turn()).toEqual({ granted: true });
    clock.advance(SPACING_MS);
    expect(await waiting).toEqual({ granted: true });
  });

  test('the calls of a single bot wait in the handler: nobody else needs the place', async () => {
    const pacer = botsOf('7').of('of-7').bot.pacer('link');
    expect(await pacer.turn()).toEqual({ granted: true });
    const waiting = [pacer.turn(), pacer.turn()];
    for (let turn = 0; turn < 2; turn += 1) {
      await settled();
      clock.advance(SPACING_MS);
    }
    expect(await Promise.all(waiting)).toEqual([{ granted: true }, { granted: true }]);
  });

  test('in one queue, a bot in a pause of two weeks delays no other, and its own tasks come back when it is over', async () => {
    const bots = botsOf('7', '8');
    await bots.of('of-7').bot.pacer('link').refused(clock.monotonicMs(), PAUSE_MS);
    const done: string[] = [];
    const enqueue = (name: string, communityId: string, notBefore?: Date): Promise<unknown> =>
      backend.taskQueue.enqueue(inviteQueue, {
        name,
        payload: communityId,
        notBefore,
      });
    await Promise.all(['1', '2', '3'].flatMap((name) => [enqueue(`a${name}`, 'of-7'), enqueue(`b${name}`, 'of-8')]));
    backend.deliverTo({
      subscriptions: [],
      tasks: [
        {
          queue: inviteQueue,
          handle: async ({ name, payload }) => {
            const turn = await bots.of(payload).bot.pacer('link').turn();
            if (turn.granted) done.push(payload);
            else await enqueue(`${name}-again`, payload, turn.notBefore);
          },
        },
      ],
    });
    /** Moves the time until so many calls were made. */
    const untilDone = async (count: number): Promise<void> => {
      for (let idle = 0; done.length < count; idle += 1) {
        await new Promise(setImmediate);
        if (idle % 20 === 0) clock.advance(50);
      }
    };
    const orderedAt = clock.now();
    await untilDone(3);
    expect(done).toEqual(['of-8', 'of-8', 'of-8']);
    expect(clock.now() - orderedAt).toBeLessThan(PAUSE_MS / 100);
    clock.advance(PAUSE_MS);
    await untilDone(6);
    expect(done.slice(3)).toEqual(['of-7', 'of-7', 'of-7']);
  });
});
