import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { badOf, doctor, health, lineOf } from './harness/diagnosis.ts';
import { ops } from './harness/ops.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

afterEach(closeWorlds);

async function startedWorld(settings: Readonly<Record<string, string>> = {}): Promise<World> {
  const world = await openWorld({ settings });
  await world.start();
  return world;
}

const refuse = (status: number, message: string) => () => ({
  kind: 'answer' as const,
  status,
  body: { response: { status: 'error', message } },
});

describe('ops doctor', () => {
  test('of a system that is well says so of everything there is, and ends with 0', async () => {
    const world = await startedWorld();
    const well = await doctor(world);
    expect(well).toMatchObject({ code: 0, healthy: true });
    expect(badOf(well)).toEqual({});
    expect(well.lines.map(({ service, check }) => `${service} ${check}`).sort()).toEqual(
      [
        'intake-service backend',
        'intake-service queue',
        'intake-service queue tg-operator-queue',
        'intake-service queue tg-pool-queue',
        'intake-service backlog link-worker-purchase-events',
        'intake-service backlog event-emitter-link-created-events',
        'intake-service backlog event-emitter-member-joined-events',
        'intake-service backlog event-emitter-membership-events',
        'intake-service backlog join-tracker-link-created-events',
        'intake-service backlog join-tracker-membership-events',
        'intake-service backlog join-tracker-membership-ticks',
        'intake-service backlog join-tracker-purchase-events',
        'intake-service queue tg-approval-queue',
        'intake-service queue tg-member-queue',
        'intake-service backlog intake-service-community-events',
        'intake-service backlog intake-service-dead-letters',
        'intake-service backlog link-worker-link-pool-ticks',
        'intake-service purchases_waiting',
        'intake-service dead_letters',
        'intake-service clock',
        'intake-service disk',
        'link-worker store_owner',
        'link-worker telegram_api',
        'link-worker bot_token',
        'link-worker chat',
        'link-worker bot_rights',
        'link-worker webhook_url',
        'link-worker webhook_updates',
        'link-worker webhook_delivery',
        'link-worker telegram_pause',
        'link-worker clock_telegram',
        'join-tracker last_update',
        'join-tracker membership_ticks',
        'join-tracker held_removals',
        'join-tracker joins_told',
        'join-tracker webhook_secret',
        'event-emitter store_owner',
        'event-emitter webengage_api',
        'event-emitter webengage_credentials',
        'event-emitter clock_webengage',
      ].sort(),
    );
    // Nobody has got an event by being looked at.
    expect(world.webengage.eventCount).toBe(0);
    const forPeople = await ops(world, ['doctor']);
    expect(forPeople).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /bot_rights.*may invite users[^]*Nothing fails; 0 of \d+ need attention, 1 could not be looked at/,
      ),
    });
    expect(world.process.logged('operator action').at(-1)).toMatchObject({
      operator: 'ada',
      action: 'health.show',
      failing: 0,
      unknown: 1,
      outcome: 'done',
    });
  });

  interface Trouble {
    readonly name: string;
    readonly breakIt: (world: World) => void;
    readonly mendIt: (world: World) => void;
    readonly bad: Readonly<Record<string, string>>;
    /** What is said of the first of these checks. */
    readonly says: RegExp;
  }

  const clearTelegram = (world: World): void => world.telegram.faults.clear();
  const clearWebEngage = (world: World): void => world.webengage.faults.clear();
  const mendRights = (world: World): void => world.telegram.setBotStanding('inviting_administrator');

  const troubles: readonly Trouble[] = [
    {
      name: 'a bot token that Telegram refuses',
      breakIt: ({ telegram }) =>
        (telegram.faults.behaviour = () => ({
          kind: 'answer',
          status: 401,
          body: { ok: false, error_code: 401, description: 'Unauthorized' },
        })),
      mendIt: clearTelegram,
      bad: {
        bot_token: 'failing',
        chat: 'unknown',
        bot_rights: 'unknown',
        webhook_url: 'unknown',
        webhook_updates: 'unknown',
        webhook_delivery: 'unknown',
      },
      says: /does not know the bot.*@BotFather/,
    },
    {
      name: 'a bot that was logged out, to be moved to another server',
      breakIt: ({ telegram }) => telegram.logOut(),
      mendIt: ({ telegram }) => telegram.logIn(),
      bad: {
        bot_token: 'failing',
        chat: 'unknown',
        bot_rights: 'unknown',
        webhook_url: 'unknown',
        webhook_updates: 'unknown',
        webhook_delivery: 'unknown',
      },
      says: /logged out of this Bot API server.*TELEGRAM_API_ROOT/,
    },
    {
      name: 'a Telegram that does not answer',
      breakIt: ({ telegram }) => (telegram.faults.behaviour = () => ({ kind: 'disconnect', afterWork: false })),
      mendIt: clearTelegram,
      bad: {
        telegram_api: 'failing',
        bot_token: 'unknown',
        chat: 'unknown',
        bot_rights: 'unknown',
        webhook_url: 'unknown',
        webhook_updates: 'unknown',
        webhook_delivery: 'unknown',
        clock_telegram: 'unknown',
      },
      says: /did not answer.*Purchases are kept/,
    },
    {
      name: 'a bot that may not invite',
      breakIt: ({ telegram }) => telegram.setBotStanding('administrator'),
      mendIt: mendRights,
      bad: { bot_rights: 'failing' },
      says: /without the right "Invite users via link"/,
    },
    {
      name: 'a bot that is no administrator',
      breakIt: ({ telegram }) => telegram.setBotStanding('member'),
      mendIt: mendRights,
      bad: { bot_rights: 'failing' },
      says: /its status is member.*make the bot an administrator/,
    },
    {
      name: 'a bot that was thrown out',
      breakIt: ({ telegram }) => telegram.setBotStanding('kicked'),
      mendIt: mendRights,
      bad: { bot_rights: 'failing', chat: 'failing' },
      says: /bot was kicked.*Add the bot to the chat/,
    },
    {
      name: "a Telegram whose clock is not this machine's",
      breakIt: ({ telegram }) => (telegram.clockOffsetMs = 90_000),
      mendIt: ({ telegram }) => (telegram.clockOffsetMs = 0),
      bad: { clock_telegram: 'failing' },
      says: /(89|90|91) s behind that of Telegram.*NTP/,
    },
    {
      name: 'a WebEngage whose clock is a little off',
      breakIt: ({ webengage }) => (webengage.clockOffsetMs = -20_000),
      mendIt: ({ webengage }) => (webengage.clockOffsetMs = 0),
      bad: { clock_webengage: 'warning' },
      says: /(19|20|21) s ahead of that of WebEngage/,
    },
    {
      name: 'a WebEngage key that has expired',
      breakIt: ({ webengage }) => (webengage.faults.behaviour = refuse(401, 'Invalid API key')),
      mendIt: clearWebEngage,
      bad: { webengage_credentials: 'failing' },
      says: /refuses the key \(401\).*WEBENGAGE_API_KEY/,
    },
    {
      name: 'the wrong data centre',
      breakIt: ({ webengage }) => (webengage.faults.behaviour = refuse(404, 'No such account')),
      mendIt: clearWebEngage,
      bad: { webengage_credentials: 'failing' },
      says: /does not know the licence.*api\.in\.webengage\.com/,
    },
    {
      name: 'a WebEngage that is down',
      breakIt: ({ webengage }) => (webengage.faults.behaviour = () => ({ kind: 'answer', status: 503, body: 'down' })),
      mendIt: clearWebEngage,
      bad: { webengage_api: 'failing', webengage_credentials: 'unknown' },
      says: /trouble of its own \(503\)/,
    },
  ];

  test.each(troubles)('sees $name, what to do, and that it is mended', async ({ breakIt, mendIt, bad, says }) => {
    const world = await startedWorld({ HEALTH_CHECK_MINUTES: '0' });
    breakIt(world);
    const ill = await health(world);
    expect(badOf(ill)).toEqual(bad);
    const line = lineOf(ill, Object.keys(bad)[0] ?? '');
    expect(`${line?.meaning ?? ''} ${line?.advice ?? ''}`).toMatch(says);
    expect(ill.healthy).toBe(!Object.values(bad).includes('failing'));
    mendIt(world);
    const mended = await health(world);
    expect(badOf(mended)).toEqual({});
    expect(mended.healthy).toBe(true);
  });

  test('says since when it is so', async () => {
    const world = await startedWorld();
    world.webengage.faults.behaviour = refuse(401, 'Invalid API key');
    const since = lineOf(await health(world), 'webengage_credentials')?.since;
    expect(since).toMatch(/^\d{4}-.*Z$/);
    expect(lineOf(await health(world), 'webengage_credentials')?.since).toBe(since);
  });

  test('names the new id of a group that became a supergroup', async () => {
    const world = await startedWorld();
    const chatId = world.telegram.migrateChat();
    const followed = await health(world);
    expect(lineOf(followed, 'chat')).toMatchObject({
      state: 'warning',
      meaning: expect.stringContaining(`became ${chatId}`),
      advice: expect.stringContaining(`Set TELEGRAM_CHAT_ID to ${chatId}`),
    });
    expect(badOf(followed)).toEqual({ chat: 'warning' });
    expect(followed.healthy).toBe(true);
  });

  test('sees a wrong chat id', async () => {
    const world = await startedWorld({ TELEGRAM_CHAT_ID: '-1009999' });
    expect(badOf(await health(world))).toEqual({ chat: 'failing', bot_rights: 'failing' });
  });

  test('sees dead letters, and when the last update came', async () => {
    const world = await startedWorld({ TELEGRAM_UPDATES: 'polling' });
    await eventually(() => world.telegram.calls.of('getUpdates') > 0);
    world.telegram.injectUpdate({ chat_member: { broken: true } });
    await eventually(async () =>
      expect(lineOf(await health(world), 'dead_letters')).toMatchObject({
        state: 'warning',
        meaning: expect.stringMatching(/^1 dead letters/),
        advice: expect.stringContaining('dead-letters list'),
      }),
    );
    world.telegram.addWithoutLink();
    await eventually(async () =>
      expect(lineOf(await health(world), 'last_update')).toMatchObject({
        state: 'ok',
        meaning: expect.stringMatching(/seen at \d{4}-/),
      }),
    );
  });
});

describe('what intake-service sees by itself', () => {
  test('a paused queue is told, and that it runs again', async () => {
    const world = await openWorld();
    const backend = await world.startInProcess();
    await backend.administration.queue.pause(inviteQueue);
    expect(lineOf(await health(world), 'queue')).toMatchObject({
      state: 'warning',
      meaning: expect.stringContaining('paused'),
    });
    await backend.administration.queue.resume(inviteQueue);
    expect(lineOf(await health(world), 'queue')).toMatchObject({ state: 'ok' });
  });
});
