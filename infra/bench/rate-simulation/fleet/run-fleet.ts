import { Throttle } from '@paid-community/link-worker/bots/throttle.ts';
import { withQueueRates } from '@paid-community/shared/queue-rates.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { HiddenLimiter } from '../hidden-limiter.ts';
import { timesOfAllKnowing } from '../run.ts';
import type { Trial } from '../scenarios.ts';
import { BOUNDS, UNTOLD_MS } from '../senders.ts';
import { fairShares } from './fair-shares.ts';
import { memoryStore } from './memory-store.ts';
import { VirtualClock } from './virtual-clock.ts';
import { VirtualQueue, type FleetTask } from './virtual-queue.ts';

/** Bots with hidden limits, and the communities that they serve. */
export interface FleetTrial {
  readonly bots: readonly Trial[];
  /** For each community, its bots. */
  readonly botsOf: readonly (readonly number[])[];
  readonly horizonMs: number;
  /** From when on each community always has purchases that wait. */
  readonly startsAt: readonly number[];
  /** How many processes share the work. */
  readonly instances: number;
  readonly latencyMs: number;
  /** Purchases: when, and of which community; in the order of time. */
  readonly purchases: (fair: readonly number[]) => readonly { readonly at: number; readonly community: number }[];
}

export interface FleetOutcome {
  readonly links: number;
  readonly best: number;
  readonly refusals: number;
  readonly callsDuringStop: number;
  /** Of each community: its links, and its fair share of what an all-knowing sender makes. */
  readonly ofCommunities: readonly { readonly links: number; readonly fair: number }[];
  readonly dispatches: number;
  /** Of each link, in the order in which they were made. */
  readonly made: readonly { readonly task: FleetTask; readonly at: number }[];
}

/** In so many parts of the time fair shares are found. */
const PARTS = 20;
const DISPATCHES_PER_SECOND = inviteQueue.maxDispatchesPerSecond;

/** The real throttle, for each process one, before a queue and limits that are simulated. */
export async function runFleet(trial: FleetTrial): Promise<FleetOutcome> {
  const clock = new VirtualClock();
  const store = memoryStore();
  const fair = fairSharesOverTime(trial);
  const limiters = trial.bots.map(({ limit, policy }) => new HiddenLimiter(limit(), policy()));
  const throttles = Array.from({ length: trial.instances }, (_, index) => {
    const throttle = new Throttle({ instanceId: `instance-${index}`, bounds: BOUNDS, atOnce: 1 }, { store, clock });
    for (const [community, bots] of trial.botsOf.entries()) throttle.know(String(community), bots.map(String));
    return throttle;
  });
  const made: { readonly task: FleetTask; readonly at: number }[] = [];
  let turnOf = 0;
  const anyThrottle = (): Throttle => {
    turnOf = (turnOf + 1) % throttles.length;
    return throttles[turnOf] ?? never();
  };

  async function handle(task: FleetTask): Promise<void> {
    const throttle = anyThrottle();
    const waits = (trial.botsOf[task.community] ?? []).map((bot) => ({
      bot,
      waitMs: throttle.waitMs(String(bot), 'link', String(task.community)),
    }));
    const soonest = waits.reduce((best, each) => (each.waitMs < best.waitMs ? each : best));
    const { queuedAt: since, line } = task;
    const asked = { communityId: String(task.community), callClass: 'purchase', since, line } as const;
    const turns = throttle.turns(String(soonest.bot), 'link', asked);
    const turn = await turns.turn();
    if (!turn.granted) {
      queue.enqueue({ ...task, deferrals: task.deferrals + 1, line: turn.line }, turn.notBefore.getTime());
      return;
    }
    const calledAt = clock.now();
    const answer = (limiters[soonest.bot] ?? never()).call(calledAt);
    await clock.sleep(trial.latencyMs);
    if (answer.accepted) {
      turns.accepted(calledAt);
      made.push({ task, at: calledAt });
    } else {
      const notBefore = await turns.refused(calledAt, answer.toldMs ?? UNTOLD_MS);
      queue.enqueue({ ...task, deferrals: task.deferrals + 1 }, notBefore.getTime());
    }
    turns.over();
  }

  const [{ maxConcurrentDispatches: atOnce, maxDispatchesPerSecond: perSecond } = inviteQueue] = withQueueRates(
    [inviteQueue],
    { TASKS_MAX_DISPATCHES_PER_SECOND: DISPATCHES_PER_SECOND, TASKS_MAX_CONCURRENT_DISPATCHES: 1 },
    trial.bots.length,
  );
  const queue = new VirtualQueue(clock, { perSecond, atOnce: atOnce * trial.instances }, handle);
  const purchases = trial.purchases(fair);
  const buy = (index: number): void => {
    for (let next = index; ; next += 1) {
      const purchase = purchases[next];
      if (purchase === undefined) return;
      const { at, community } = purchase;
      if (at > clock.now()) {
        clock.at(at, () => {
          buy(next);
        });
        return;
      }
      const place = anyThrottle().place(String(community));
      queue.enqueue({ community, queuedAt: at, deferrals: 0, line: place?.line }, place?.notBefore ?? at);
    }
  };
  buy(0);
  await clock.runUntil(trial.horizonMs);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    links: made.length,
    best: sum(fair),
    refusals: sum(limiters.map(({ refusals }) => refusals)),
    callsDuringStop: sum(limiters.map(({ callsDuringStop }) => callsDuringStop)),
    ofCommunities: fair.map((share, community) => ({
      links: made.filter(({ task }) => task.community === community).length,
      fair: share,
    })),
    dispatches: queue.dispatches,
    made,
  };
}

/** Limits move and communities begin one after the other, so the shares are those of each short time, added up. */
function fairSharesOverTime({ bots, botsOf, startsAt, horizonMs }: FleetTrial): readonly number[] {
  const madeAt = bots.map((bot) => timesOfAllKnowing({ ...bot, horizonMs }));
  const sums = botsOf.map(() => 0);
  for (let part = 0; part < PARTS; part += 1) {
    const from = (part * horizonMs) / PARTS;
    const to = ((part + 1) * horizonMs) / PARTS;
    const capacities = madeAt.map((times) => times.filter((at) => at >= from && at < to).length);
    const present = botsOf.map((_, community) => community).filter((community) => (startsAt[community] ?? 0) <= from);
    const shares = fairShares({ capacities, botsOf: present.map((community) => botsOf[community] ?? []) });
    for (const [index, community] of present.entries()) sums[community] = (sums[community] ?? 0) + (shares[index] ?? 0);
  }
  return sums;
}

function never(): never {
  throw new Error('There is no such bot or instance');
}
