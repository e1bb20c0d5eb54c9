import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { buyUntilAccepted, statusOf } from '../e2e/harness/buyer.ts';
import { eventsOf, linkInMessage } from '../e2e/harness/promise.ts';
import { seededRandom } from '../e2e/harness/random.ts';
import type { SystemProcess } from '../e2e/harness/system-process.ts';
import { JOINED, LINK_CREATED, linkNameOf, type Purchase } from '../e2e/harness/wire.ts';
import { closeWorlds, openWorld, type World } from '../e2e/harness/world.ts';
import { expectNothingLeft, expectOrphansUnused, playUntilDone } from './harness/fault-run.ts';
import { Operator } from './harness/operator.ts';
import { SupervisedSystem } from './harness/supervised-system.ts';

afterEach(closeWorlds);

const KILLS = Number(process.env['FAULT_KILLS'] ?? 200);
/** So often the documents of a backup are put back, with all that the runbook says has to follow. */
const RESTORES = Number(process.env['FAULT_RESTORES'] ?? Math.max(1, Math.floor(KILLS / 50)));
const BUYERS = 4;
/** Set it to repeat a run: as far as a seed goes, since the kernel schedules the processes as it likes. */
const SEED = Number(process.env['FAULT_SEED'] ?? randomInt(1_000_000));
const SUBSCRIPTIONS = [
  'link-worker-purchase-events',
  'event-emitter-link-created-events',
  'event-emitter-member-joined-events',
];
const PATIENCE = { timeoutMs: 120_000, intervalMs: 200 };
/**
 * A restore with its rebuild, each killed and refused in between, keeps the queue standing; ten times that on a busy
 * machine.
 */
const LONGEST_WAIT_MS = 600_000;

interface Sale {
  readonly purchase: Purchase;
  telegramUserId?: number;
  /** An operator asked for another link, once or more often. */
  reissued?: true;
  erased?: true;
}

/** What the senders and the operator share. */
interface Run {
  readonly world: World;
  readonly system: SupervisedSystem;
  readonly operator: Operator;
  readonly random: () => number;
  readonly sales: Map<string, Sale>;
  kills: number;
  restores: number;
  /** While a store is put back nobody kills the system: it does not run. */
  restoring: boolean;
  over: boolean;
}

test(`killed ${KILLS} times with operators' commands among the traffic: nothing lost, nothing doubled, the erased stay erased`, async () => {
  const random = seededRandom(SEED);
  const world = await openWorld({ settings: { LOG_LEVEL: 'warn', TASKS_MAX_DISPATCHES_PER_SECOND: '100' } });
  makeTheOutsideUnreliable(world, random);
  const run: Run = {
    world,
    system: new SupervisedSystem(world),
    operator: new Operator(world.url, random),
    random,
    sales: new Map(),
    kills: 0,
    restores: 0,
    restoring: false,
    over: false,
  };
  try {
    await playAndSettle(run);
  } finally {
    await run.system.close();
  }
  report(run, expectNothingLostOrDoubled(run));
  expect(run.kills).toBeGreaterThanOrEqual(KILLS);
  expect(run.restores).toBe(RESTORES);
}, 3_600_000);

async function playAndSettle(run: Run): Promise<void> {
  await run.system.ready();
  const senders = Array.from({ length: BUYERS }, (_, buyer) => buyAndJoin(run, buyer));
  await playUntilDone(run, [killAtRandom(run), operate(run)], senders);
  run.world.telegram.faults.clear();
  run.world.webengage.faults.clear();
  await settle(run);
}

function makeTheOutsideUnreliable({ telegram, webengage }: World, random: () => number): void {
  telegram.faults.behaviour = ({ method }) => {
    if (method !== 'createChatInviteLink' && method !== 'revokeChatInviteLink') return undefined;
    const chance = random();
    if (chance < 0.4) return { kind: 'delay', ms: 40 };
    if (chance < 0.43)
      return { kind: 'answer', status: 502, body: { ok: false, error_code: 502, description: 'Bad Gateway' } };
    if (chance < 0.45) return { kind: 'disconnect', afterWork: true };
    if (chance < 0.46) return { kind: 'too-many-requests', retryAfter: 1 };
    return undefined;
  };
  webengage.faults.behaviour = () => {
    const chance = random();
    if (chance < 0.4) return { kind: 'delay', ms: 30 };
    if (chance < 0.43) return { kind: 'disconnect', afterWork: true };
    return chance < 0.45 ? { kind: 'answer', status: 500, body: 'later' } : undefined;
  };
}

async function buyAndJoin(run: Run, buyer: number): Promise<void> {
  const { world, random, sales } = run;
  const joining: Promise<void>[] = [];
  for (let n = 0; !run.over; n += 1) {
    const body = { userId: `buyer-${buyer}-${n}`, transactionId: `txn-${buyer}-${n}` };
    const purchase = await buyUntilAccepted(world.url, body);
    const sale: Sale = { purchase };
    sales.set(purchase.requestId, sale);
    // As an at-least-once client may.
    if (random() < 0.2) expect(await buyUntilAccepted(world.url, body)).toEqual(purchase);
    if (random() < 0.3) joining.push(joinWhenTold(world, sale));
    await sleep(random() * 900);
  }
  await Promise.all(joining);
}

async function joinWhenTold(world: World, sale: Sale): Promise<void> {
  const outcome = world.telegram.join({ inviteLink: await linkInMessage(world, sale.purchase, LONGEST_WAIT_MS) });
  // The operator was faster with another link.
  if (!outcome.ok) expect(sale).toMatchObject({ reissued: true });
  else sale.telegramUserId = outcome.telegramUserId;
}

async function killAtRandom(run: Run): Promise<void> {
  while (!run.over && (run.kills < KILLS || run.restores < RESTORES)) {
    // Some kills come while the system is just starting.
    if (run.random() > 0.3) await run.system.ready();
    await sleep(run.random() * 700);
    if (!run.restoring && (await run.system.kill())) run.kills += 1;
  }
}

/** One command after the other, some of them killed, until the kills are over. */
async function operate(run: Run): Promise<void> {
  const { operator, random } = run;
  while (!run.over && (run.kills < KILLS || run.restores < RESTORES)) {
    if (run.restores < RESTORES && run.kills >= ((run.restores + 1) * KILLS) / (RESTORES + 1))
      await putBackABackup(run);
    else await commands[Math.floor(random() * commands.length)]?.(run);
    await sleep(random() * 200);
  }
  await operator.untilDone(['queue', 'resume']);
}

const commands: readonly ((run: Run) => Promise<unknown>)[] = [
  ({ operator }) => operator.run(['doctor'], 0.2),
  ({ operator }) => operator.run(['requests', 'retry', '--all'], 0.3),
  ({ operator }) => operator.run(['requests', 'requeue', '--all', '--stuck-for', '30s'], 0.3),
  ({ operator }) => operator.run(['dead-letters', 'retry', '--all'], 0.3),
  (run) => run.operator.run(['replay', '--subscription', aSubscription(run), '--since', '2m'], 0.3),
  (run) =>
    run.operator.run(
      ['snapshot', 'create', `mark-${Math.floor(run.random() * 1e9)}`, '--subscription', aSubscription(run)],
      0.3,
    ),
  ({ operator }) => operator.run(['backup', 'create'], 0.4),
  async ({ operator }) => {
    await operator.run(['queue', 'pause'], 0.3);
    await operator.untilDone(['queue', 'resume']);
  },
  async ({ operator }) => {
    await operator.run(['queue', 'pause'], 0);
    await operator.run(['rebuild', '--since', '2m'], 0.4);
    await operator.untilDone(['queue', 'resume']);
  },
  // These two find nobody to work on now and then.
  eraseSomebody,
  eraseSomebody,
  eraseSomebody,
  reissueSomething,
  reissueSomething,
];

async function eraseSomebody({ world, operator, sales, random }: Run): Promise<void> {
  const sale = oneOf([...sales.values()].slice(0, -40), random);
  if (sale === undefined || sale.erased === true || sale.reissued === true) return;
  const status = await statusOf(world.url, sale.purchase.requestId);
  // Only a finished purchase: of one on its way nobody could say whether its event has gone out.
  if (status?.weLinkEventFired !== true || (sale.telegramUserId !== undefined && !status.joinEventFired)) return;
  sale.erased = true;
  await operator.untilDone(['erase', '--user', sale.purchase.userId, '--yes'], { result: 'erased', killChance: 0.5 });
}

async function reissueSomething({ world, operator, sales, random }: Run): Promise<void> {
  const sale = oneOf([...sales.values()].slice(0, -40), random);
  if (sale === undefined || sale.erased === true || sale.telegramUserId !== undefined) return;
  const status = await statusOf(world.url, sale.purchase.requestId);
  if (status?.weLinkEventFired !== true) return;
  sale.reissued = true;
  await operator.run(['requests', 'reissue', sale.purchase.requestId, '--yes'], 0.3);
}

/**
 * "The store came back from yesterday", with a supervisor that does not wait, and an operator whose terminal closes.
 */
async function putBackABackup(run: Run): Promise<void> {
  const { world, operator, system, sales, random } = run;
  const { json } = await operator.untilDone(['backup', 'create'], { killChance: 0 });
  const file = String(json['file']);
  await sleep(1_500);
  await operator.untilDone(['queue', 'pause']);
  run.restoring = true;
  const restore = ['backup', 'restore', file, '--data-dir', world.dataDir, '--documents-only', '--yes'];
  for (;;) {
    await system.halt();
    const restoring = operator.run(restore, 0.4);
    // The supervisor of this machine knows nothing of a restore.
    const early = random() < 0.5 ? startSoon(world, random) : undefined;
    const { code } = await restoring;
    await early;
    if (code === 0) break;
  }
  system.resume();
  run.restoring = false;
  await operator.untilDone(['rebuild', '--since', '2h'], { result: 'restored' });
  for (const { purchase } of [...sales.values()].filter(({ erased }) => erased === true))
    await operator.untilDone(['erase', '--user', purchase.userId, '--yes'], { result: 'erased', killChance: 0.1 });
  await operator.untilDone(['replay', '--subscription', 'link-worker-purchase-events', '--since', '2h']);
  await operator.untilDone(['queue', 'resume']);
  run.restores += 1;
}

/** A start that meets the restore, and is ended again. */
async function startSoon(world: World, random: () => number): Promise<void> {
  await sleep(random() * 600);
  const early: SystemProcess = world.spawn();
  await Promise.race([early.exited, sleep(300 + random() * 500)]);
  if (early.isRunning) await early.kill();
}

function oneOf<T>(items: readonly T[], random: () => number): T | undefined {
  return items[Math.floor(random() * items.length)];
}

function aSubscription({ random }: Run): string {
  return oneOf(SUBSCRIPTIONS, random) ?? '';
}

async function untilAllAreThrough(world: World, operator: Operator, sales: readonly Sale[]): Promise<void> {
  const waiting = new Set(sales);
  const look = async (): Promise<void> => {
    for (const sale of waiting) {
      const status = await statusOf(world.url, sale.purchase.requestId);
      const wanted =
        sale.erased === true
          ? { status: 'ERASED' }
          : { status: 'DONE', weLinkEventFired: true, joinEventFired: sale.telegramUserId !== undefined };
      expect({ sale, status }).toMatchObject({ sale, status: wanted });
      waiting.delete(sale);
    }
  };
  try {
    await eventually(look, PATIENCE);
  } catch (error) {
    const [sale] = waiting;
    const commands = [
      ['show', sale?.purchase.requestId ?? ''],
      ['doctor'],
      ['queue', 'list'],
      ['requests', 'list', '--failed'],
    ];
    const told = await Promise.all(commands.map(async (words) => (await operator.run(words, 0)).json));
    throw new Error(
      `${waiting.size} sales are not through; the story of the first, and what the operator sees: ${JSON.stringify(told, undefined, 1)}`,
      { cause: error },
    );
  }
}

/** An operator mends what the kills have left, as the doctor advises, until there is nothing left to mend. */
async function settle({ world, system, operator, sales }: Run): Promise<void> {
  await system.ready();
  await operator.untilDone(['queue', 'resume'], { killChance: 0 });
  await operator.untilDone(['requests', 'retry', '--all'], { killChance: 0 });
  await operator.untilDone(['dead-letters', 'retry', '--all'], { killChance: 0 });
  await untilAllAreThrough(world, operator, [...sales.values()]);
  await expectNothingLeft(world, operator, PATIENCE.timeoutMs);
  await eventually(async () => expect(await operator.run(['doctor'], 0)).toMatchObject({ code: 0 }), PATIENCE);
  const { json } = await operator.untilDone(['backup', 'create'], { killChance: 0 });
  expect(await operator.run(['backup', 'check', String(json['file'])], 0)).toMatchObject({ code: 0 });
  for (const { purchase } of [...sales.values()].filter(({ erased }) => erased === true)) {
    expect(await operator.run(['find', '--user', purchase.userId], 0)).toMatchObject({ code: 1 });
  }
}

/** Returns how many links Telegram made that nobody was told of. */
function expectNothingLostOrDoubled({ world, sales }: Run): number {
  const links = groupedByTransaction(eventsOf(world, LINK_CREATED));
  const joined = groupedByTransaction(eventsOf(world, JOINED));
  const told = new Set<string>();
  for (const sale of sales.values()) {
    const { requestId, userId, transactionId } = sale.purchase;
    const events = links.get(transactionId) ?? [];
    const theirLinks = events.map(({ eventData }) => String(eventData['inviteLink']));
    // Never the same link twice, and one link for one purchase, unless an operator asked for another.
    expect(new Set(theirLinks).size).toBe(theirLinks.length);
    if (sale.reissued !== true) expect({ requestId, theirLinks }).toMatchObject({ theirLinks: [expect.any(String)] });
    expect(events.every((event) => event.userId === userId)).toBe(true);
    const newest = world.telegram.links.get(theirLinks.at(-1) ?? '');
    expect(newest).toMatchObject({ name: linkNameOf(requestId), memberLimit: 1, revoked: false });
    expect((joined.get(transactionId) ?? []).map(({ eventData }) => eventData['telegramUserId'])).toEqual(
      sale.telegramUserId === undefined ? [] : [String(sale.telegramUserId)],
    );
    for (const link of theirLinks) told.add(link);
  }
  expect(
    [...links.keys()].filter(
      (transactionId) => ![...sales.values()].some(({ purchase }) => purchase.transactionId === transactionId),
    ),
  ).toEqual([]);
  return expectOrphansUnused(world, ({ inviteLink }) => told.has(inviteLink));
}

function groupedByTransaction(events: ReturnType<typeof eventsOf>): ReadonlyMap<string, ReturnType<typeof eventsOf>> {
  return Map.groupBy(events, ({ eventData }) => String(eventData['transactionId']));
}

function report({ kills, restores, sales, operator, system, world }: Run, orphans: number): void {
  const all = [...sales.values()];
  const commandCounts = [...operator.counts]
    .map(([name, { ended, killed }]) => `${name} ${ended}+${killed}`)
    .join(', ');
  process.stderr.write(
    `fault run: seed ${SEED}, ${kills} kills, ${system.starts} starts, ${restores} restores, ${all.length} purchases, ` +
      `${all.filter(({ telegramUserId }) => telegramUserId !== undefined).length} joins, ${all.filter(({ erased }) => erased === true).length} erased, ` +
      `${all.filter(({ reissued }) => reissued === true).length} reissued, ${orphans} orphan links, ${world.webengage.repeatsIgnored} repeats dropped; commands (ended+killed): ${commandCounts}\n`,
  );
}
