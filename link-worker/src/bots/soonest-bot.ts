import type { CallKind } from '@paid-community/shared/model/communities/bot-rate.ts';
import type { ServingBot } from './serving-bot.ts';
import type { Throttle } from './throttle.ts';

/**
 * Which of the bots of a community makes the next call: the one that can call soonest. Those that could not do what they
 * were asked for a moment ago come after all others.
 */
export function soonestBot(
  bots: readonly [ServingBot, ...ServingBot[]],
  kind: CallKind,
  communityId: string,
  throttle: Throttle,
): ServingBot {
  const [first, ...others] = bots;
  if (others.length === 0) return first;
  const waitOf = ({ bot: { botId }, isHeldBack }: ServingBot): number =>
    isHeldBack ? Infinity : throttle.waitMs(botId, kind, communityId);
  let best = first;
  let bestWaitMs = waitOf(first);
  for (const bot of others) {
    // None is sooner than at once: of a hundred bots, few are looked at.
    if (bestWaitMs === 0) break;
    const waitMs = waitOf(bot);
    if (waitMs < bestWaitMs) [best, bestWaitMs] = [bot, waitMs];
  }
  return best;
}
