import { powerless } from '@paid-community/shared/model/communities/chat-standing.ts';
import type { ConnectedCommunity } from '@paid-community/shared/model/communities/community.ts';
import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import type { Bots, ServedCommunity } from '../bots/bots.ts';
import { NoTokenError } from '../bots/not-served.ts';
import { lookAtChat, type ChatLook } from './look-at-chat.ts';
import { recordStanding, type RecordedStanding, type RecordStandingDeps } from './record-standing.ts';

/** A hundred bots can lack a hundred rights. */
const MOST_FAULTS = 3;
/** How a deleted chat looks to a bot, and also one that it was taken out of. */
const GONE = ['left', 'kicked', 'chat_not_found'];

export interface ExaminedCommunity {
  readonly finding: Finding;
  readonly look: ChatLook | undefined;
  readonly isRestored: boolean;
}

/**
 * Looks at the chat of a community through each of its bots, and records what it finds.
 * @throws RetryableError when store or bus do not answer.
 */
export async function examineCommunity(
  community: ConnectedCommunity,
  bots: Bots,
  deps: RecordStandingDeps,
): Promise<ExaminedCommunity> {
  const { chatId, botIds } = community;
  const served = servedBy(bots, community);
  const look = served === undefined ? undefined : await lookAtChat(chatId, served.bots, served.chat);
  const check = findingOf(community);
  // Nothing was seen: what is known stays.
  if (look?.unseenBecause !== undefined && look.examined.bots.length === 0)
    return {
      finding: { check, state: 'unknown', meaning: `Not seen: ${look.unseenBecause}` },
      look,
      isRestored: false,
    };
  const missing = botIds
    .filter((botId) => bots.byId(botId) === undefined)
    .map((botId) => powerless(botId, 'unknown_bot'));
  const { examined } = look ?? { examined: { chatId, bots: [] } };
  const recorded = await recordStanding({ ...examined, bots: [...examined.bots, ...missing] }, community, deps);
  return { finding: inWords(community, recorded), look, isRestored: recorded.isRestored };
}

/** The name of the finding about a community. */
export function findingOf({ communityId }: Pick<ConnectedCommunity, 'communityId'>): string {
  return `community ${communityId}`;
}

function servedBy(bots: Bots, community: ConnectedCommunity): ServedCommunity | undefined {
  try {
    return bots.serve(community);
  } catch (error) {
    if (error instanceof NoTokenError) return undefined;
    throw error;
  }
}

function inWords(community: ConnectedCommunity, { standing }: RecordedStanding): Finding {
  const check = findingOf(community);
  const { faults, bots, memberCount } = standing;
  const { name } = community;
  if (faults.length === 0) {
    const members = memberCount === undefined ? '' : `, ${memberCount} members`;
    const who = bots.length === 1 ? 'its bot may' : `its ${bots.length} bots may`;
    return {
      check,
      state: 'ok',
      meaning: `${name} (chat ${standing.chatId}${members}): ${who} do what its settings need`,
    };
  }
  const others = faults.length <= MOST_FAULTS ? '' : `, and ${faults.length - MOST_FAULTS} more`;
  const canMakeLinks = bots.some(({ mayInvite }) => mayInvite);
  const isPerhapsGone = bots.every(({ status }) => GONE.includes(status));
  const noLinks = 'No links are made in it: its purchases wait, and get their links when this is mended';
  return {
    check,
    state: canMakeLinks ? 'warning' : 'failing',
    meaning: `${name} (chat ${standing.chatId}): ${faults.slice(0, MOST_FAULTS).join('. ')}${others}`,
    advice: canMakeLinks
      ? 'Links are still made; mend this before more is missing'
      : `${noLinks}${isPerhapsGone ? '. When the chat was deleted, disconnect the community' : ''}`,
  };
}
