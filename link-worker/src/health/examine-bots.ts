import { DEFAULT_COMMUNITY, type Community } from '@paid-community/shared/model/communities/community.ts';
import type { HealthReport } from '@paid-community/shared/model/operations/health-report.ts';
import type { Examination, HealthCheck } from '@paid-community/shared/health/answer-health-check.ts';
import type { CommunityChat } from '../bots/community-chat.ts';
import type { ServedCommunity } from '../bots/bots.ts';
import { examineTelegram, type ExamineTelegramDeps } from './examine-telegram.ts';

/**
 * Looks at every community through each of its bots. Undefined when the check is about a chat of nobody here: anybody
 * can add the bot to a group of theirs.
 * @throws RetryableError when the store does not answer.
 */
export async function examineBots(
  check: HealthCheck,
  known: HealthReport | undefined,
  communities: readonly ServedCommunity[],
  deps: Omit<ExamineTelegramDeps, 'serving'>,
): Promise<Examination | undefined> {
  const { chatId } = check;
  if (chatId !== undefined) {
    const areOurs = await Promise.all(communities.map(({ bots: [{ chat }] }) => isChat(chatId, chat)));
    if (!areOurs.includes(true)) return undefined;
  }
  const examinations = await Promise.all(
    communities.flatMap(({ community, bots }) =>
      bots.map(async (serving) => inWordsOf(community, await examineTelegram(check, known, { ...deps, serving }))),
    ),
  );
  return {
    findings: examinations.flatMap(({ findings }) => findings),
    facts: Object.fromEntries(examinations.flatMap(({ facts }) => Object.entries(facts))),
  };
}

/** A name can stand for any id. */
async function isChat(chatId: string, chat: CommunityChat): Promise<boolean> {
  const { configuredId } = chat;
  return configuredId.startsWith('@') || chatId === configuredId || chatId === (await chat.id());
}

/** The findings of the default community have their names of before. Its facts are the ones that others read. */
function inWordsOf({ communityId }: Community, { findings, facts = {} }: Examination): Required<Examination> {
  if (communityId === DEFAULT_COMMUNITY) return { findings, facts };
  return { findings: findings.map((finding) => ({ ...finding, check: `${finding.check} ${communityId}` })), facts: {} };
}
