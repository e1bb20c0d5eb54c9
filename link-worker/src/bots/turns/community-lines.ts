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
/** A nearer turn is known well: the task comes a tenth of the wait earlier. */
const NEAR_MS = 60_000;
const NEAR_LEAD = 0.1;
/** A task that waits for longer comes after half of it, to use a limit that has risen. */
const FAR_LEAD = 0.5;
/** A turn that would be further away was reckoned by a clock that was wrong. */
const LONGEST_WAIT_MS = 30 * 24 * 3_600_000;
/** No task waits for longer without a look: well below the 30 days of Cloud Tasks. */
const LONGEST_SLEEP_MS = 24 * 3_600_000;
/** Lines that ended are forgotten when there are so many. */
const MANY_LINES = 2_000;

interface Line {
  /** The next free turn of what is queued for the first time, and of what comes back after its turn has passed. */
  endsAt: number;
  backUntil: number;
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

  /** A place at the end. `readyAt`: no bot of the community can call before. */
  join(communityId: string, { now, readyAt, perSecond }: Reckoning): QueuedPlace {
    const line = this.#lineOf(communityId, now);
    const turnAt = Math.max(readyAt, line.endsAt);
    line.endsAt = turnAt + 1_000 / perSecond;
    return { line: { turnAt, perSecond }, notBefore: comesAt(turnAt, now) };
  }

  /** The place of a task that had no turn: the same, reckoned anew, or one among those whose turn has passed. */
  rejoin(communityId: string, place: PlaceInLine | undefined, { now, readyAt, perSecond }: Reckoning): QueuedPlace {
    const line = this.#lineOf(communityId, now);
    const waitMs = place === undefined ? 0 : ((place.turnAt - now) * place.perSecond) / perSecond;
    const isKnown = waitMs > 0 && waitMs <= LONGEST_WAIT_MS;
    let turnAt = isKnown ? now + waitMs : 0;
    if (isKnown) line.endsAt = Math.max(line.endsAt, turnAt + 1_000 / perSecond);
    if (turnAt <= readyAt) {
      turnAt = Math.max(readyAt, line.backUntil);
      line.backUntil = turnAt + 1_000 / perSecond;
    }
    return { line: { turnAt, perSecond }, notBefore: Math.max(readyAt, comesAt(turnAt, now)) };
  }

  /** The communities whose tasks wait for their turn. */
  *waitingAt(now: number): Iterable<string> {
    for (const [communityId, { endsAt, backUntil }] of this.#lines)
      if (Math.max(endsAt, backUntil) > now) yield communityId;
  }

  #lineOf(communityId: string, now: number): Line {
    const known = this.#lines.get(communityId);
    if (known !== undefined) return known;
    if (this.#lines.size >= MANY_LINES) this.#forgetEnded(now);
    const line = { endsAt: 0, backUntil: 0 };
    this.#lines.set(communityId, line);
    return line;
  }

  #forgetEnded(now: number): void {
    for (const [communityId, { endsAt, backUntil }] of this.#lines)
      if (Math.max(endsAt, backUntil) <= now) this.#lines.delete(communityId);
  }
}

export interface Reckoning {
  readonly now: number;
  readonly readyAt: number;
  /** The share of the community in what its bots can do. */
  readonly perSecond: number;
}

/** Earlier than the turn: a place that was left free is taken, and a limit that has risen is used. */
function comesAt(turnAt: number, now: number): number {
  const waitMs = turnAt - now;
  const leadMs = Math.max(LEAST_LEAD_MS, waitMs * (waitMs <= NEAR_MS ? NEAR_LEAD : FAR_LEAD));
  return now + Math.min(LONGEST_SLEEP_MS, Math.max(0, waitMs - leadMs));
}
