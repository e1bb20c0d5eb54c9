import type { Finding } from '../model/operations/health-report.ts';

const WARNING_MS = 5_000;
const FAILING_MS = 60_000;

/** Half of a Date header's resolution: it tells whole seconds, cut. */
const RESOLUTION_MS = 500;

/** One call, and what the other side's clock said meanwhile. */
export interface TimedAnswer {
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly serverTimeMs: number;
}

/** How far this machine's clock is from that of an outside system; undefined when it has not told its time. */
export function clockSkewFinding(check: string, side: string, timed: TimedAnswer | undefined): Finding {
  if (timed === undefined) return { check, state: 'unknown', meaning: `${side} has not told its time` };
  const skewMs = (timed.sentAt + timed.answeredAt) / 2 - (timed.serverTimeMs + RESOLUTION_MS);
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  if (Math.abs(skewMs) < WARNING_MS)
    return { check, state: 'ok', meaning: `The clock of this machine agrees with that of ${side}` };
  return {
    check,
    state: Math.abs(skewMs) < FAILING_MS ? 'warning' : 'failing',
    meaning: `The clock of this machine is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} that of ${side}: times in events and the expiry of links are off by as much`,
    advice: 'Set the clock of the machine by a time server (NTP)',
  };
}
