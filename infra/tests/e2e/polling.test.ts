import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buy } from './harness/buyer.ts';
import { doctor, lineOf, type Line } from './harness/diagnosis.ts';
import { eventsOf, expectPromiseKept, join, type ExpectedJoin } from './harness/promise.ts';
import { joinUpdate, postUpdate } from './harness/telegram-updates.ts';
import { JOINED, type Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';
import { botCall } from '../../run/simulators/testing/bot-calls.ts';

afterEach(closeWorlds);

async function pollingWorld(): Promise<World> {
  const world = await openWorld({
    settings: { TELEGRAM_UPDATES: 'polling', BASE_URL: '', TELEGRAM_WEBHOOK_SECRET: '' },
  });
  await world.start();
  return world;
}

function purchaseOf(world: World, userId: string): Promise<Purchase> {
  return buy(world.url, { userId, transactionId: 't' });
}

test('TELEGRAM_UPDATES=polling: joins arrive without any webhook', async () => {
  const world = await pollingWorld();
  const purchases = [await purchaseOf(world, 'a'), await purchaseOf(world, 'b')];
  const joins = await Promise.all(purchases.map((purchase) => join(world, purchase)));
  expect(await expectPromiseKept(world, { purchases, joins })).toEqual({ orphans: 0, repeats: 0 });
  expect(world.telegram.calls.of('setWebhook')).toBe(0);
  expect(await postUpdate(world.url, joinUpdate({ userId: 1 }))).toMatchObject({ status: 404 });
});

test('TELEGRAM_UPDATES=polling: no join is lost when the process dies before or after it was stored, or is not there', async () => {
  const world = await pollingWorld();
  const purchases = await Promise.all(['a', 'b', 'c', 'd'].map((userId) => purchaseOf(world, userId)));
  await expectPromiseKept(world, { purchases });
  await world.process.kill();
  const joins: ExpectedJoin[] = [];
  for (const [index, crashAt] of [
    { moment: 'before', operation: 'create joins' } as const,
    { moment: 'after', operation: 'create joins' } as const,
    { moment: 'after', operation: 'publish member-joined-events' } as const,
  ].entries()) {
    const purchase = purchases[index];
    if (purchase === undefined) throw new Error('No purchase');
    joins.push(await join(world, purchase));
    const fragile = world.spawn({ crashAt });
    expect(await fragile.exited).toEqual({ code: null, signal: 'SIGKILL' });
  }
  await world.start();
  const outcome = await expectPromiseKept(world, { purchases, joins });
  expect(outcome.orphans).toBe(0);
});

test('TELEGRAM_UPDATES=polling: a webhook that is still set is removed, and what it did not deliver comes by polling', async () => {
  const world = await openWorld();
  await world.start();
  const purchase = await purchaseOf(world, 'a');
  await expectPromiseKept(world, { purchases: [purchase] });
  await world.process.kill();
  const joined = await join(world, purchase);
  await world.start({ settings: { TELEGRAM_UPDATES: 'polling' } });
  expect(await expectPromiseKept(world, { purchases: [purchase], joins: [joined] })).toEqual({
    orphans: 0,
    repeats: 0,
  });
  await eventually(() => world.telegram.updates.pendingCount === 0);
});

test('TELEGRAM_UPDATES=polling: failed polls are tried again, and an update that nobody can read holds up none behind it', async () => {
  const world = await pollingWorld();
  const purchase = await purchaseOf(world, 'a');
  await expectPromiseKept(world, { purchases: [purchase] });
  world.telegram.faults.next(
    'getUpdates',
    { kind: 'answer', status: 502, body: '<html>' },
    { kind: 'disconnect', afterWork: true },
  );
  expect(world.telegram.injectUpdate({ chat_member: { nonsense: true } })).toBeDefined();
  const joined = await join(world, purchase);
  await eventually(() => eventsOf(world, JOINED).length === 1);
  expect(await expectPromiseKept(world, { purchases: [purchase], joins: [joined] })).toEqual({
    orphans: 0,
    repeats: 0,
  });
});

async function pollingLine(world: World): Promise<Line | undefined> {
  return lineOf(await doctor(world), 'polling');
}

test('TELEGRAM_UPDATES=polling: doctor says who takes the updates away, and that it is over', async () => {
  const world = await pollingWorld();
  expect(await eventually(() => pollingLine(world))).toMatchObject({ state: 'ok' });
  // Another program, which is quicker: each of its calls ends ours.
  const stopping = new AbortController();
  const other = (async (): Promise<void> => {
    while (!stopping.signal.aborted) await botCall(world.telegram, 'getUpdates', { timeout: 1 }).catch(() => undefined);
  })();
  await eventually(() => world.process.logged('updates could not be taken; trying again').length > 0);
  expect(await pollingLine(world)).toMatchObject({
    state: 'failing',
    meaning: expect.stringContaining('Another program asks for the updates of this bot'),
    advice: expect.stringContaining('a bot of its own'),
  });
  expect(world.process.logged('updates could not be taken; trying again')[0]).toMatchObject({
    level: 'error',
    hint: expect.stringMatching(/\S/),
  });
  stopping.abort();
  await other;
});

test.each<[string, number, string, RegExp, string]>([
  [
    'a webhook that somebody has set',
    409,
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    /doctor --fix/,
    'failing',
  ],
  ['a token that was revoked', 401, 'Unauthorized', /BotFather/, 'failing'],
  ['a token of the wrong form', 404, 'Not Found', /BotFather/, 'failing'],
  ['trouble of Telegram, at first', 502, 'Bad Gateway', /24 hours/, 'warning'],
])('TELEGRAM_UPDATES=polling: doctor sees %s', async (_name, status, description, advice, state) => {
  const world = await pollingWorld();
  await eventually(() => world.telegram.calls.of('getUpdates') > 0);
  world.telegram.faults.behaviour = ({ method }) =>
    method === 'getUpdates'
      ? { kind: 'answer', status, body: { ok: false, error_code: status, description } }
      : undefined;
  // Ends the call that waits, so that the next one is made.
  await botCall(world.telegram, 'setWebhook', { url: 'https://elsewhere.example' });
  await botCall(world.telegram, 'deleteWebhook');
  await eventually(() =>
    world.process
      .logged('updates could not be taken; trying again')
      .some(({ error }) => JSON.stringify(error).includes(description)),
  );
  expect(await pollingLine(world)).toMatchObject({
    state,
    meaning: expect.stringContaining(description),
    advice: expect.stringMatching(advice),
  });
});
