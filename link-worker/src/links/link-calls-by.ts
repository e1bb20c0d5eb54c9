import type { Bots } from '../bots/bots.ts';
import type { ServingBot } from '../bots/serving-bot.ts';
import type { AskedTurn } from '../bots/throttle.ts';
import type { Turns } from '../calls/make-call.ts';
import { createInviteLinkClient } from './invite-link-client.ts';
import type { LinkCallDeps, LinkCalls, LinkTurn } from './link-calls.ts';

/** Which bot makes a call about a link, and its turns. A purchase is what has no other class. */
export function linkCallsBy(bots: Bots): Pick<LinkCallDeps, 'callsOf' | 'callsOfMaker'> {
  const askedBy = (link: LinkTurn): AskedTurn => ({ ...link, callClass: link.callClass ?? 'purchase' });
  const callsBy = (serving: ServingBot, turns: Turns): LinkCalls => ({
    botId: serving.bot.botId,
    telegram: createInviteLinkClient(serving),
    turns,
  });
  return {
    callsOf: async (link) => {
      const { serving, turns } = await bots.soonestTurn('link', askedBy(link));
      return callsBy(serving, turns);
    },
    callsOfMaker: async (link, madeBy) => {
      const serving = await bots.maker(link.communityId, madeBy);
      return callsBy(serving, bots.throttle.turns(serving.bot.botId, 'link', askedBy(link)));
    },
  };
}
