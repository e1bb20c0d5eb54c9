import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import type { Fault } from '../../run/simulators/http/faults.ts';
import {
  callOperator,
  connect,
  GOLD,
  GOLD_CHAT,
  mustSucceed,
  openWorldOfChats,
  FIRST_BOT,
  SECOND_BOT,
  SIGNALS_CHAT,
} from '../e2e/harness/communities.ts';
import type { CrashPoint } from '../e2e/harness/crash-point.ts';
import { seededRandom } from '../e2e/harness/random.ts';
import { closeWorlds, type World } from '../e2e/harness/world.ts';
import { DrivenClock } from '../e2e/harness/driven-clock.ts';
import { DrivenWorld } from './harness/driven-world.ts';
import { InsideAsItShouldBe, type Violation } from './harness/inside-as-it-should-be.ts';
import { DAY_MS, GRACE_DAYS } from './harness/naive-membership.ts';
import { YearOfMembers } from './harness/year-of-members.ts';

afterEach(closeWorlds);

/** Set it to repeat a run: as far as a seed goes, since the kernel schedules the processes as it likes. */
const SEED = Number(process.env['FAULT_SEED'] ?? randomInt(1_000_000));
const PEOPLE = Number(process.env['FAULT_PEOPLE'] ?? 1_000);
const DAYS = Number(process.env['FAULT_DAYS'] ?? 365);
const KILLS = Math.round(Number(process.env['FAULT_KILLS'] ?? 60) / 2);

/** Of simulated time, between two ticks. */
const TICK_MS = DAY_MS / 2;
const STEPS = Math.round((DAYS * DAY_MS) / TICK_MS);
/** How long the calls of one tick may take, with the pauses that Telegram orders. */
const PACE_MS = 3_600_000;
const WRONG_CLOCK_MS = 3_600_000;
/** Of the deliveries. */
const REPEATS = 0.05;
const PLANS = new Map([
  ['week', 7],
  ['month', 30],
  ['quarter', 90],
]);
const PLACES = [
  { communityId: 'gold', chatId: GOLD_CHAT },
  { communityId: 'signals', chatId: SIGNALS_CHAT },
];
const PATIENCE = { timeoutMs: 60_000, intervalMs: 50 };
const STAFF = [700_000_001, 700_000_002, 700_000_003];

const OPERATIONS = [
  'publish purchase-events',
  'publish membership-events',
  'publish member-joined-events',
  'enqueue tg-member-queue',
  'enqueue tg-approval-queue',
  'enqueue tg-invite-queue',
  'create grants',
  'create memberships',
  'update memberships',
  'update removal_guards',
  'acknowledge tg-member-queue',
  'acknowledge tg-approval-queue',
  'acknowledge join-tracker-purchase-events',
  'acknowledge join-tracker-membership-events',
  'acknowledge join-tracker-membership-ticks',
];

test(`${PEOPLE} people over ${DAYS} days, with a system that is killed ${KILLS} times and calls that fail: whoever has paid is in, and nobody else (seed ${SEED})`, async () => {
  const clock = new DrivenClock();
  const world = await openWorldOfChats({ clock, settings: { LOG_LEVEL: 'warn' } });
  const driven = new DrivenWorld(world, clock, REPEATS);
  try {
    await playYear(world, driven);
  } finally {
    await driven.halt();
  }
}, 1_500_000);

async function playYear(world: World, driven: DrivenWorld): Promise<void> {
  const startedAt = performance.now();
  const random = seededRandom(SEED);
  const year = new YearOfMembers({ world, driven, random, places: PLACES, plans: PLANS });
  const watch = new InsideAsItShouldBe(world, driven, year, new Set(STAFF));
  driven.resume();
  await driven.running();
  await connectPlaces(world);
  for (const chat of world.telegram.chats) for (const telegramUserId of STAFF) chat.addWithoutLink({ telegramUserId });
  world.telegram.faults.behaviour = (call) => {
    const fault = faultOf(call.method, random);
    watch.watch(call, fault);
    return fault;
  };
  const beginMs = driven.nowMs;
  for (let number = 0; number < PEOPLE; number += 1) year.plan(number, beginMs + random() * 0.8 * DAYS * DAY_MS);

  const events = disturbances(random);
  for (let step = 0; step < STEPS; step += 1) {
    const { wrongByMs = 0, isDown = false, kills = false, crash } = events.get(step) ?? {};
    driven.setWrongBy(wrongByMs);
    if (isDown || wrongByMs !== 0) watch.excuse();
    if (crash !== undefined) driven.crashNext(crash);
    // While people act, or while the system works that off, or at the tick.
    const killsAt = kills ? Math.floor(random() * 3) : undefined;
    const killing = (moment: number): Promise<void> =>
      moment === killsAt ? killSoon(driven, random) : Promise.resolve();
    if (isDown) await driven.halt();
    else driven.resume();
    const tickMs = beginMs + (step + 1) * TICK_MS;
    const actMs = tickMs - (0.2 + 0.6 * random()) * TICK_MS;
    await driven.drive(actMs, false);
    if (!isDown) {
      await Promise.all([year.actUntil(actMs), killing(0)]);
    }
    await driven.drive(actMs, false, () => killing(1));
    await driven.drive(tickMs, true, () => killing(2));
    if (!isDown && (await releaseHeld(world))) watch.excuse();
    if (!isDown) watch.look(2 * TICK_MS + PACE_MS);
    if (watch.violations.length > 0) break;
  }
  await expectNone(watch.violations, world, driven);
  world.telegram.faults.clear();
  driven.setWrongBy(0);
  for (let round = 0; round < 4; round += 1) {
    await year.knock();
    await driven.drive(driven.nowMs + 60_000, true);
    await releaseHeld(world);
  }
  await expectNone(watch.wronglyPlaced(), world, driven);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  process.stderr.write(
    `memberships fault run: seed ${SEED}, ${seconds} s, ${driven.starts - 1} restarts, ${year.buyers.reduce((sum, { bought }) => sum + bought.length, 0)} purchases, ${watch.removals} removals, ${year.strangers.size} strangers, longest for free ${Math.round(watch.longestForFreeMs / 60_000)} min, ${JSON.stringify(world.webengage.countsByName())}\n`,
  );
}

interface Disturbance {
  readonly wrongByMs?: number;
  readonly isDown?: boolean;
  readonly kills?: boolean;
  readonly crash?: CrashPoint;
}

/** By step: kills all over the year, twice a clock that is wrong for a day, once a week in which the system is down. */
function disturbances(random: () => number): ReadonlyMap<number, Disturbance> {
  const events = new Map<number, Disturbance>();
  for (let kill = 0; kill < KILLS; kill += 1) {
    const step = Math.floor(random() * STEPS);
    const operation = OPERATIONS[Math.floor(random() * OPERATIONS.length)] ?? '';
    const crash: CrashPoint = {
      moment: random() < 0.5 ? 'before' : 'after',
      operation,
      call: 1 + Math.floor(random() * 5),
    };
    events.set(step, kill % 2 === 0 ? { kills: true } : { kills: true, crash });
  }
  const during = (share: number, steps: number, event: Disturbance): void => {
    const first = Math.floor(share * STEPS);
    for (let step = first; step < first + steps; step += 1) events.set(step, event);
  };
  during(0.3, 2, { wrongByMs: WRONG_CLOCK_MS });
  during(0.4, 2, { wrongByMs: -WRONG_CLOCK_MS });
  during(0.6, 14, { isDown: true });
  return events;
}

async function killSoon(driven: DrivenWorld, random: () => number): Promise<void> {
  await sleep(random() * 40);
  await driven.kill();
}

function faultOf(method: string, random: () => number): Fault | undefined {
  const isAboutPeople = ['unbanChatMember', 'approveChatJoinRequest', 'declineChatJoinRequest'].includes(method);
  if (!isAboutPeople && method !== 'createChatInviteLink' && method !== 'revokeChatInviteLink') return undefined;
  const chance = random();
  if (chance < 0.02) return { kind: 'too-many-requests', retryAfter: 1 + Math.floor(random() * 20) };
  if (chance < 0.04) return { kind: 'disconnect', afterWork: true };
  if (chance < 0.05) return { kind: 'disconnect', afterWork: false };
  if (chance < 0.06) return { kind: 'answer', status: 502, body: 'bad gateway' };
  return undefined;
}

async function expectNone(violations: readonly Violation[], world: World, driven: DrivenWorld): Promise<void> {
  if (violations.length > 0) await driven.running();
  expect(await Promise.all(violations.map((violation) => withStory(world, violation)))).toEqual([]);
}

/** With what the system knows of the person. */
async function withStory(world: World, { buyer, ...violation }: Violation): Promise<object> {
  if (buyer === undefined) return violation;
  const { bought, ...more } = buyer;
  const deeds = bought.map(({ fromMs, days, refundedAtMs }) => [
    new Date(fromMs).toISOString(),
    days,
    refundedAtMs === undefined ? 'kept' : new Date(refundedAtMs).toISOString(),
  ]);
  const { json } = await callOperator(world, 'POST', '/memberships/find', { userId: buyer.userId });
  const id = (json as { memberships: readonly { membershipId: string }[] }).memberships[0]?.membershipId ?? '';
  const shown = await callOperator(world, 'GET', `/memberships/${id}`);
  return { ...violation, ...more, deeds, shown: shown.json };
}

async function connectPlaces(world: World): Promise<void> {
  const rules = {
    removal: 'on',
    grace: `P${GRACE_DAYS}D`,
    reminders: ['P3D', 'P1D'],
    revokeAfterJoin: true,
    wrongPerson: 'remove',
    timeZone: 'UTC',
  };
  await mustSucceed(connect(world, { ...GOLD, ...rules }));
  await mustSucceed(
    connect(world, {
      communityId: 'signals',
      chatId: '@e2e_signals',
      botIds: [String(FIRST_BOT), String(SECOND_BOT)],
      ...rules,
      entry: 'request',
    }),
  );
  for (const { communityId } of PLACES)
    for (const [name, days] of PLANS) {
      const plan = { planId: `${name}-${communityId}`, name, communityIds: [communityId], period: `P${days}D` };
      await mustSucceed(callOperator(world, 'POST', '/plans', plan));
    }
  await eventually(() => world.telegram.bots.every(({ calls }) => calls.of('setWebhook') > 0));
}

/** The operator looks whom the breaker holds, and lets them go. */
async function releaseHeld(world: World): Promise<boolean> {
  let hasHeld = false;
  for (const { communityId } of PLACES) {
    await eventually(async () => {
      const { json } = await mustSucceed(callOperator(world, 'GET', `/removals?communityId=${communityId}`));
      const { removals } = json as { readonly removals: readonly { readonly status: string }[] };
      if (!removals.some((each) => each.status === 'held')) return;
      hasHeld = true;
      await mustSucceed(callOperator(world, 'POST', '/removals/release', { communityId }));
    }, PATIENCE);
  }
  return hasHeld;
}
