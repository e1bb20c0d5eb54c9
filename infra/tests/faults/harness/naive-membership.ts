// Who may be inside, worked out once more in the simplest way: from what a person did, and nothing of the system.

export const DAY_MS = 24 * 3_600_000;
/** Of the communities of these runs. */
export const GRACE_DAYS = 3;

export interface Bought {
  readonly fromMs: number;
  readonly days: number;
  /** All of it was given back then. */
  refundedAtMs?: number;
}

export interface Deeds {
  readonly bought: readonly Bought[];
  /** When the person said that there is to be no renewal. */
  readonly cancelledAtMs?: number | undefined;
  /** When an operator took away all that had been bought. */
  readonly revokedAtMs?: number | undefined;
}

/** When the person must be out, of what was done until now; -Infinity: nothing is paid for. */
export function outFrom({ bought, cancelledAtMs = -Infinity, revokedAtMs = -Infinity }: Deeds): number {
  const valid = bought.filter(({ fromMs, refundedAtMs }) => refundedAtMs === undefined && fromMs > revokedAtMs);
  let endMs = -Infinity;
  for (const { fromMs, days } of valid.toSorted((a, b) => a.fromMs - b.fromMs))
    endMs = Math.max(endMs, fromMs) + days * DAY_MS;
  const lastTakenMs = Math.max(revokedAtMs, ...bought.map(({ refundedAtMs = -Infinity }) => refundedAtMs));
  // What was taken back after the paid time is why it is over; before its end it changed the end.
  if (lastTakenMs > endMs) return lastTakenMs;
  // Whoever buys again wants to stay.
  const lastBoughtMs = Math.max(...bought.map(({ fromMs }) => fromMs));
  return cancelledAtMs > lastBoughtMs ? endMs : endMs + GRACE_DAYS * DAY_MS;
}

export function mayBeInside(deeds: Deeds, atMs: number): boolean {
  return deeds.bought.length > 0 && atMs < outFrom(deeds);
}
