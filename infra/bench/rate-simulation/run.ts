import { HiddenLimiter } from './hidden-limiter.ts';
import type { Trial } from './scenarios.ts';
import type { Sender } from './senders.ts';

export interface Outcome {
  readonly links: number;
  readonly refusals: number;
  readonly callsDuringStop: number;
}

/** One call at a time, each answered after `latencyMs`. `onAnswer` sees each call. */
export function run(
  trial: Trial,
  sender: Sender,
  latencyMs: number,
  onAnswer?: (calledAt: number, isAccepted: boolean) => void,
): Outcome {
  const limiter = new HiddenLimiter(trial.limit(), trial.policy());
  for (let now = 0; ;) {
    const calledAt = Math.max(now, sender.nextAt);
    if (calledAt >= trial.horizonMs) return limiter;
    const answer = limiter.call(calledAt);
    now = calledAt + latencyMs;
    if (answer.accepted) sender.accepted(calledAt, now);
    else sender.refused(calledAt, now, answer.toldMs);
    onAnswer?.(calledAt, answer.accepted);
  }
}

/**
 * What a sender makes who knows the limit, its state and every jump: each call at the first moment at which it is
 * accepted, none refused.
 */
export function linksOfAllKnowing(trial: Trial): number {
  return timesOfAllKnowing(trial).length;
}

export function timesOfAllKnowing({ limit, horizonMs }: Trial): readonly number[] {
  const known = limit();
  const times: number[] = [];
  for (let at = known.freeAt(0); at < horizonMs; at = known.freeAt(at)) {
    known.take(at);
    times.push(at);
  }
  return times;
}
