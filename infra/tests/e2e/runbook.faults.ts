import { afterEach, describe, expect, test } from '@jest/globals';
import { startScriptedServer } from '@paid-community/shared/platform/testing/scripted-server.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { Fault } from '../../run/simulators/http/faults.ts';
import { buy, purchaseBodies, statusOf } from './harness/buyer.ts';
import { ops, type OpsResult } from './harness/ops.ts';
import { expectPromiseKept, join, linkInMessage } from './harness/promise.ts';
import { Chapter, chapters } from './harness/runbook.ts';
import type { Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld, type World } from './harness/world.ts';

const TIMEOUT_MS = 180_000;
const tested = new Set<string>();

afterEach(closeWorlds);

/** Plays a chapter to its end. */
function chapter(title: string, run: (chapter: Chapter) => Promise<void>): void {
  tested.add(title);
  test(
    title,
    async () => {
      const script = new Chapter(title);
      await run(script);
      script.end();
    },
    TIMEOUT_MS,
  );
}

async function startedWorld(settings: Readonly<Record<string, string>> = {}): Promise<World> {
  const world = await openWorld({ settings });
  await world.start();
  return world;
}

async function restart(world: World, settings: Readonly<Record<string, string>> = {}): Promise<void> {
  expect(await world.process.stop()).toEqual({ code: 0, signal: null });
  await world.start({ settings });
}

async function sell(world: World, prefix: string, count: number): Promise<readonly Purchase[]> {
  return Promise.all(purchaseBodies(prefix, count).map((body) => buy(world.url, body)));
}

async function inState(world: World, purchases: readonly Purchase[], status: string): Promise<void> {
  await eventually(
    async () => {
      for (const { requestId } of purchases) expect(await statusOf(world.url, requestId)).toMatchObject({ status });
    },
    { intervalMs: 50 },
  );
}

/** What Telegram says instead of making a link. */
function refusal(status: number, description: string): Fault {
  return { kind: 'answer', status, body: { ok: false, error_code: status, description } };
}

/** The doctor fails, and says so of this check. */
function expectFailing({ code, stdout }: OpsResult, check: string): void {
  expect(code).toBe(1);
  expect(stdout).toMatch(new RegExp(`FAILING.*${check}`));
}

const DAY_MS = 86_400_000;
const FEW_ATTEMPTS = { MAX_ATTEMPTS: '3', BASE_BACKOFF_SEC: '0.05' };

describe('the runbook', () => {
  chapter('Runbook', async (script) => {
    const world = await startedWorld();
    const [purchase] = await sell(world, 'anybody', 1);
    if (purchase === undefined) throw new Error('Nothing was sold');
    await linkInMessage(world, purchase);
    expect(await script.play(world, 'help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('doctor') as unknown,
    });
    expect(await script.play(world, 'doctor')).toMatchObject({ code: 0 });
    const found = await script.play(world, 'find --user <user id>', { 'user id': purchase.userId });
    expect(found).toMatchObject({ code: 0, stdout: expect.stringContaining(purchase.requestId) as unknown });
    const shown = await script.play(world, 'show <requestId>', { requestId: purchase.requestId });
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('link event sent') as unknown });
    const story = await script.play(world, 'person --user <user id>', { 'user id': purchase.userId });
    expect(story).toMatchObject({ code: 0, stdout: expect.stringContaining(purchase.requestId) as unknown });
  });

  chapter('Telegram is down for a day', async (script) => {
    const world = await startedWorld({ MAX_ATTEMPTS: '4', BASE_BACKOFF_SEC: '0.5' });
    world.telegram.faults.behaviour = () => refusal(502, 'Bad Gateway');
    const purchases = await sell(world, 'down', 4);
    await inState(world, purchases, 'PROCESSING');
    expectFailing(await script.play(world, 'doctor'), 'telegram_api');
    const waiting = await script.play(world, 'requests list --waiting');
    expect(waiting).toMatchObject({ code: 0, stdout: expect.stringContaining('telegram_502') as unknown });
    await inState(world, purchases, 'FAILED');
    world.telegram.faults.clear();
    const failed = await script.play(world, 'requests list --failed');
    for (const { requestId } of purchases) expect(failed.stdout).toContain(requestId);
    expect(await script.play(world, 'requests retry --all')).toMatchObject({
      code: 0,
      stdout: '4 retried, 0 skipped, 0 failed.\n',
    });
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
    expect((await script.play(world, 'requests list --failed')).stdout).not.toContain(purchases[0]?.requestId);
    expect(await script.play(world, 'doctor')).toMatchObject({ code: 0 });
  });

  chapter('The WebEngage key has expired', async (script) => {
    const next = 'webengage-key-next-7a8b';
    const world = await openWorld({ webengage: { apiKey: next } });
    await world.start();
    const purchases = await sell(world, 'expired', 4);
    await inState(world, purchases, 'DONE');
    await eventually(() => world.webengage.calls >= 4);
    expectFailing(await script.play(world, 'doctor'), 'webengage_credentials');
    await restart(world, { WEBENGAGE_API_KEY: next });
    expect(
      await script.play(world, 'replay --subscription event-emitter-link-created-events --since 24h'),
    ).toMatchObject({ code: 0 });
    expect(
      await script.play(world, 'replay --subscription event-emitter-member-joined-events --since 24h'),
    ).toMatchObject({ code: 0 });
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
    expect(await script.play(world, 'dead-letters list --source event-emitter-link-created-events')).toMatchObject({
      code: 0,
    });
    expect(await script.play(world, 'dead-letters retry --all')).toMatchObject({ code: 0 });
    expect(await script.play(world, 'doctor')).toMatchObject({ code: 0 });
    expect(world.webengage.eventCount).toBe(4);
  });

  chapter('The bot has lost its rights', async (script) => {
    const world = await startedWorld(FEW_ATTEMPTS);
    world.telegram.setBotStanding('administrator');
    const purchases = await sell(world, 'rights', 3);
    await inState(world, purchases, 'FAILED');
    expectFailing(await script.play(world, 'doctor'), 'bot_rights');
    world.telegram.setBotStanding('inviting_administrator');
    // The letters of the three are open until they are retried.
    await script.play(world, 'doctor');
    expect((await script.play(world, 'requests list --failed')).stdout).toContain(purchases[0]?.requestId);
    expect(await script.play(world, 'requests retry --all')).toMatchObject({
      code: 0,
      stdout: '3 retried, 0 skipped, 0 failed.\n',
    });
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });
  });

  chapter('The wrong data centre for an hour', async (script) => {
    const elsewhere = await startScriptedServer({
      status: 404,
      body: { response: { status: 'error', message: 'No such account' } },
    });
    try {
      const world = await startedWorld({ WEBENGAGE_API_ROOT: elsewhere.url });
      const purchases = await sell(world, 'elsewhere', 4);
      await inState(world, purchases, 'DONE');
      const [buyer] = purchases;
      if (buyer === undefined) throw new Error('Nothing was sold');
      await eventually(() => elsewhere.requests.length >= 4);
      // One buyer has his link from support, and joins meanwhile.
      const { inviteLink = '' } = (await statusOf(world.url, buyer.requestId)) ?? {};
      const joined = world.telegram.join({ inviteLink });
      if (!joined.ok) throw new Error(joined.reason);
      expectFailing(await script.play(world, 'doctor'), 'webengage_credentials');
      await restart(world, { WEBENGAGE_API_ROOT: world.webengage.url });
      expect(await script.play(world, 'doctor')).toMatchObject({ code: 0 });
      expect(
        await script.play(world, 'replay --subscription event-emitter-link-created-events --since 2h'),
      ).toMatchObject({ code: 0 });
      expect(
        await script.play(world, 'replay --subscription event-emitter-member-joined-events --since 2h'),
      ).toMatchObject({ code: 0 });
      const joins = [{ purchase: buyer, telegramUserId: joined.telegramUserId }];
      expect(await expectPromiseKept(world, { purchases, joins })).toEqual({ orphans: 0, repeats: 0 });
    } finally {
      await elsewhere.close();
    }
  });

  chapter('A bad deploy has dead-lettered everything', async (script) => {
    const world = await startedWorld();
    // As if the events of the bad version were not as WebEngage wants them.
    world.webengage.faults.behaviour = () => ({
      kind: 'answer',
      status: 400,
      body: { response: { status: 'error', message: 'eventData is not valid' } },
    });
    const purchases = await sell(world, 'deploy', 5);
    const letters = await eventually(
      async () => {
        const ids = await openLetters(world);
        expect(ids).toHaveLength(5);
        return ids;
      },
      { intervalMs: 500 },
    );
    const [one = ''] = letters;
    expect((await script.play(world, 'dead-letters list')).stdout).toContain(one);
    expect((await script.play(world, 'dead-letters show <id>', { id: one })).stdout).toContain(
      'eventData is not valid',
    );
    world.webengage.faults.clear();
    expect(await script.play(world, 'dead-letters retry <id>', { id: one })).toMatchObject({
      code: 0,
      stdout: '1 retried, 0 skipped, 0 failed.\n',
    });
    expect(await script.play(world, 'dead-letters retry --all --since 24h')).toMatchObject({
      code: 0,
      stdout: '4 retried, 0 skipped, 0 failed.\n',
    });
    expect(await expectPromiseKept(world, { purchases })).toEqual({ orphans: 0, repeats: 0 });

    world.webengage.faults.behaviour = () => ({
      kind: 'answer',
      status: 400,
      body: { response: { status: 'error', message: 'no such user' } },
    });
    await sell(world, 'hopeless', 1);
    const [hopeless = ''] = await eventually(
      async () => {
        const ids = await openLetters(world);
        expect(ids).toHaveLength(1);
        return ids;
      },
      { intervalMs: 500 },
    );
    expect((await script.play(world, 'dead-letters list')).stdout).toContain(hopeless);
    const discarded = await script.play(
      world,
      'dead-letters discard <hopeless id> --reason "test purchase of the shop\'s staging system" --yes',
      { 'hopeless id': hopeless },
    );
    expect(discarded).toMatchObject({ code: 0 });
    expect(await openLetters(world)).toEqual([]);
    world.webengage.faults.clear();
    expect(
      await script.play(world, 'snapshot create before-release --subscription link-worker-purchase-events'),
    ).toMatchObject({ code: 0 });
    const links = world.telegram.links.size;
    expect(
      await script.play(world, 'replay --subscription link-worker-purchase-events --snapshot before-release'),
    ).toMatchObject({ code: 0 });
    expect(world.telegram.links.size).toBe(links);
  });

  chapter('The store came back from yesterday', async (script) => {
    const world = await startedWorld();
    const yesterday = await sell(world, 'yesterday', 3);
    for (const purchase of yesterday) await linkInMessage(world, purchase);
    const backup = `${world.dataDir}/yesterday.db`;
    expect(await ops(world, ['backup', 'create', backup])).toMatchObject({ code: 0 });
    const today = await sell(world, 'today', 4);
    const [first] = today;
    if (first === undefined) throw new Error('Nothing was sold');
    const joins = [await join(world, first)];
    await expectPromiseKept(world, { purchases: [...yesterday, ...today], joins });
    const made = world.telegram.links.size;

    expect(await script.play(world, 'queue pause')).toMatchObject({ code: 0 });
    const meanwhile = await sell(world, 'meanwhile', 1);
    await world.process.stop();
    const files = { 'backup file': backup, 'data dir': world.dataDir };
    expect(await script.play(world, 'backup check <backup file>', files)).toMatchObject({ code: 0 });
    expect(
      await script.play(world, 'backup restore <backup file> --data-dir <data dir> --documents-only --yes', files),
    ).toMatchObject({ code: 0 });
    await world.start();
    expect(await statusOf(world.url, first.requestId)).toBeUndefined();
    expect(await script.play(world, 'rebuild --since 26h --dry-run')).toMatchObject({ code: 0 });
    expect(await statusOf(world.url, first.requestId)).toBeUndefined();
    expect(await script.play(world, 'rebuild --since 26h')).toMatchObject({ code: 0 });
    expect(await script.play(world, 'replay --subscription link-worker-purchase-events --since 26h')).toMatchObject({
      code: 0,
    });
    expect(await script.play(world, 'queue resume')).toMatchObject({ code: 0 });
    expect(await expectPromiseKept(world, { purchases: [...yesterday, ...today, ...meanwhile], joins })).toEqual({
      orphans: 0,
      repeats: 0,
    });
    expect(world.telegram.links.size).toBe(made + 1);
    expect(await script.play(world, 'doctor')).toMatchObject({ code: 0 });
  });

  chapter('A user asks for erasure', async (script) => {
    const world = await startedWorld({ MEMBERSHIP_TICK_SECONDS: '0.2' });
    const [leaving, staying] = await sell(world, 'person', 2);
    if (leaving === undefined || staying === undefined) throw new Error('Nothing was sold');
    await join(world, leaving);
    await join(world, staying);
    await eventually(async () =>
      expect(await statusOf(world.url, leaving.requestId)).toMatchObject({ joinEventFired: true }),
    );
    const values = { 'user id': leaving.userId };
    expect((await script.play(world, 'find --user <user id>', values)).stdout).toContain(leaving.requestId);
    expect(await script.play(world, 'erase --user <user id> --yes', values)).toMatchObject({ code: 0 });

    expect(await ops(world, ['communities', 'change', 'default', '--removal', 'on'])).toMatchObject({ code: 0 });
    const member = await buy(world.url, {
      userId: 'member',
      transactionId: 'm',
      endsAt: new Date(Date.now() + DAY_MS).toISOString(),
    });
    await join(world, member);
    const { membershipId } = await membershipInside(world, member);
    const ofMember = { 'user id': member.userId, 'membership id': membershipId };
    expect(await ops(world, ['erase', '--user', member.userId, '--yes'])).not.toMatchObject({ code: 0 });
    const revoked = await script.play(world, 'memberships revoke <membership id> --yes', ofMember);
    expect(revoked).toMatchObject({ code: 0 });
    expect(await script.play(world, 'removals list')).toMatchObject({ code: 0 });
    await eventually(async () =>
      expect((await ops(world, ['removals', 'list'])).stdout).toBe('Nobody is to be removed.\n'),
    );
    expect(await script.play(world, 'erase --user <user id> --yes', ofMember)).toMatchObject({ code: 0 });
    expect(await script.play(world, 'find --user <user id>', values)).toMatchObject({
      code: 1,
      stdout: 'No purchases match.\n',
    });
    expect(await statusOf(world.url, staying.requestId)).toMatchObject({ status: 'DONE', joinEventFired: true });
  });

  // In infra/tests/e2e-gcp/move.test.ts, on the emulators.
  tested.add('Moving from one machine to Google Cloud');

  test('every chapter is played', () => expect([...tested].sort()).toEqual([...chapters()].sort()));
});

/** The membership of the purchase, once its buyer is inside. */
async function membershipInside(world: World, { userId }: Purchase): Promise<{ readonly membershipId: string }> {
  return eventually(async () => {
    const { json } = await ops(world, ['memberships', 'find', '--user', userId, '--json']);
    const { memberships } = json as { memberships: readonly { membershipId: string; presence: string }[] };
    const [membership] = memberships;
    expect(membership).toMatchObject({ presence: 'inside' });
    if (membership === undefined) throw new Error('There is no membership');
    return membership;
  });
}

async function openLetters(world: World): Promise<readonly string[]> {
  const { json } = await ops(world, ['dead-letters', 'list', '--json']);
  return (json as { readonly deadLetters: readonly { readonly id: string }[] }).deadLetters.map(({ id }) => id);
}
