import type { Bot } from './bot.ts';

/** Of several bots the one that waits the shortest, and of those that wait as long the first. */
export function soonestBot([first, ...others]: readonly [Bot, ...Bot[]], waitMsOf: (bot: Bot) => number): Bot {
  if (others.length === 0) return first;
  let best = first;
  let bestWaitMs = waitMsOf(first);
  for (const bot of others) {
    // None is sooner than at once: of a hundred bots, few are looked at.
    if (bestWaitMs === 0) break;
    const waitMs = waitMsOf(bot);
    if (waitMs < bestWaitMs) [best, bestWaitMs] = [bot, waitMs];
  }
  return best;
}
