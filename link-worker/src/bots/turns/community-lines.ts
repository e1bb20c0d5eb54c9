/** When the turn of a task will be, as far as its community's line tells; stored with the task. */
export interface PlaceInLine {
  /** By the clock of the machine that queued it. */
  readonly turnAt: number;
  /** The pace of the line when it was reckoned: another one moves the turn. */
  readonly perSecond: number;
}

export interface QueuedPlace {
  readonly line: PlaceInLine;
  readonly notBefore: number;
}

/** A task comes so long before its turn at least, so that its bot never waits for it. */
const LEAST_LEAD_MS = 1_000;
/** At first it comes after a quarter of its wait: more is known then. */
const FIRST_LEAD = 0.75;
/** A nearer turn is known well: the task comes earlier by a twentieth of the wait. */
const NEAR_MS = 60_000;
const NEAR_LEAD = 0.05;
/** A task that waits for longer comes earlier by a quarter of the wait, to use a limit that has risen. */
const FAR_LEAD = 0.25;
/**
 * A line becomes faster with each task that has its turn, and slower with each that comes in vain: so about two come in
 * vain for each that has its turn, wherever the share of a community was reckoned wrongly.
 */
const FASTER = 1.2;
const SLOWER = 0.912;
const SPEEDS = { least: 0.25, most: 32 };
/** A turn that would be further away was reckoned by a clock that was wrong. */
const LONGEST_WAIT_MS = 30 * 24 * 3_600_000;
/** No task waits for longer without a look: well below the 30 days of Cloud Tasks. */
const LONGEST_SLEEP_MS = 24 * 3_600_000;
/** Lines that ended are forgotten when there are so many. */
const MANY_LINES = 2_000;

interface Line {
  /** How many tasks are before one that joins now: those that are queued, and those whose turn has passed in vain. */
  queued: number;
  back: number;
  atMs: number;
  /** Its pace then. */
  perSecond: number;
  /** By how much the line is faster than what was reckoned. */
  speed: number;
}

/**
 * One line in time for each community: each of its tasks has its turn after the one before, at the pace of its bots. So
 * a backlog is spread over the time that it needs, and stands in front of nobody else.
 *
 * Lines are in memory and nothing depends on them: each task has its place with it, and shows it to the process that
 * runs it. A process that knows too little of a line gives places that others have, too: then the fair order decides,
 * and who has no turn gets a place after those that came back before.
 */
export class CommunityLines {
  readonly #lines = new Map<string, Line>();

  /** A place at the end. */
  join(communityId: string, reckoning: Reckoning): QueuedPlace {
    const { line, perSecond } = this.#lineAt(communityId, reckoning);
    const turnAt = reckoning.readyAt + (line.queued * 1_000) / perSecond;
    line.queued += 1;
    return { line: { turnAt, perSecond }, notBefore: comesAt(turnAt, reckoning.now, FIRST_LEAD) };
  }

  /** The place of a task that had no turn: the same, reckoned anew, or one among those whose turn has passed. */
  rejoin(communityId: string, place: PlaceInLine | undefined, reckoning: Reckoning): QueuedPlace {
    const { now, readyAt } = reckoning;
    const { line, perSecond } = this.#lineAt(communityId, reckoning);
    line.speed = Math.max(SPEEDS.least, line.speed * SLOWER);
    const before = place === undefined ? 0 : ((place.turnAt - now) / 1_000) * place.perSecond;
    let turnAt = now + (before * 1_000) / perSecond;
    if (turnAt > readyAt && turnAt - now <= LONGEST_WAIT_MS) line.queued = Math.max(line.queued, before + 1);
    else {
      turnAt = readyAt + (line.back * 1_000) / perSecond;
      line.back += 1;
    }
    // It came early once: the next time is its turn.
    const comes = turnAt - now <= LEAST_LEAD_MS ? Math.ceil(turnAt) : comesAt(turnAt, now, FAR_LEAD);
    return { line: { turnAt, perSecond }, notBefore: Math.max(Math.ceil(readyAt), comes) };
  }

  /** A task had its turn. */
  served(communityId: string): void {
    const line = this.#lines.get(communityId);
    if (line !== undefined) line.speed = Math.min(SPEEDS.most, line.speed * FASTER);
  }

  /** The communities whose tasks wait for their turn, as far as it is known. */
  *waitingAt(now: number): Iterable<string> {
    for (const [communityId, line] of this.#lines) if (isWaiting(line, now)) yield communityId;
  }

  /** The line as it has moved on until now. */
  #lineAt(communityId: string, { now, perSecond }: Reckoning): { readonly line: Line; readonly perSecond: number } {
    const line = this.#lines.get(communityId) ?? this.#newLine(communityId, now);
    const pace = line.speed * perSecond;
    const passed = (Math.max(0, now - line.atMs) / 1_000) * pace;
    line.queued = Math.max(0, line.queued - passed);
    line.back = Math.max(0, line.back - passed);
    line.atMs = now;
    line.perSecond = pace;
    return { line, perSecond: pace };
  }

  #newLine(communityId: string, now: number): Line {
    if (this.#lines.size >= MANY_LINES)
      for (const [id, each] of this.#lines) if (!isWaiting(each, now)) this.#lines.delete(id);
    const line = { queued: 0, back: 0, atMs: now, perSecond: 0, speed: 1 };
    this.#lines.set(communityId, line);
    return line;
  }
}

export interface Reckoning {
  readonly now: number;
  readonly readyAt: number;
  /** The share of the community in what its bots can do. */
  readonly perSecond: number;
}

function isWaiting({ queued, back, atMs, perSecond }: Line, now: number): boolean {
  return Math.max(queued, back) >= 1 + ((now - atMs) / 1_000) * perSecond;
}

/** Earlier than the turn: a place that was left free is taken, and a limit that has risen is used. */
function comesAt(turnAt: number, now: number, farLead: number): number {
  const waitMs = turnAt - now;
  const leadMs = Math.max(LEAST_LEAD_MS, waitMs * (waitMs <= NEAR_MS ? NEAR_LEAD : farLead));
  return Math.ceil(now + Math.min(LONGEST_SLEEP_MS, Math.max(0, waitMs - leadMs)));
}
