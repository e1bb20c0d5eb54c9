import type { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import {
  DEFAULT_COMMUNITY,
  type Community,
  type ConnectedCommunity,
} from '@paid-community/shared/model/communities/community.ts';
import type { Finding, HealthReport } from '@paid-community/shared/model/operations/health-report.ts';
import type { Examination, HealthCheck } from '@paid-community/shared/health/answer-health-check.ts';
import { isMended } from '../links/release-waiting.ts';
import { eachOf } from './each-of.ts';
import { examineBot, fixWebhook, keepUpdatesAsNeeded, type ExaminedBot } from './examine-bot.ts';
import { examineCommunity } from './examine-community.ts';
import { examineDefault, type ExamineDefaultDeps } from './examine-default.ts';
import { examineSome } from './examine-some.ts';
import { communityFindings, knownFindings, ofFurtherBot } from './known-findings.ts';
import { lookAtBot } from './look-at-bot.ts';

export interface ExamineTelegramDeps extends ExamineDefaultDeps {
  readonly communities: KnownCommunities;
  /** What else the report says, before what is found of the default bot. */
  readonly otherFindings: () => Promise<readonly Finding[]>;
}

export interface TelegramExamination extends Required<Examination> {
  /** The communities in which all holds again that did not hold at the look before. */
  readonly restored: ReadonlySet<string>;
}

/** After which community the next check goes on. */
const LAST_COMMUNITY = 'lastCommunity';

/**
 * Looks at every bot, at the community of the settings, and at some of the others, so that all have their turn within
 * some checks. A check about one chat looks at that chat only. Undefined when the chat is nobody's here: anybody can add
 * the bot to a group of theirs.
 * @throws RetryableError when store or bus do not answer.
 */
export async function examineTelegram(
  check: HealthCheck,
  known: HealthReport | undefined,
  deps: ExamineTelegramDeps,
): Promise<TelegramExamination | undefined> {
  // One may have been connected a moment ago.
  await deps.communities.readAgain(DEFAULT_COMMUNITY);
  const concerned = check.chatId === undefined ? undefined : await deps.communities.byChat(check.chatId);
  const all = await deps.communities.all();
  const byDefault = all.find(({ communityId }) => communityId === DEFAULT_COMMUNITY);
  const connected = all.filter((each): each is ConnectedCommunity => each.state === 'connected' && each !== byDefault);
  const before = knownFindings(known);
  const { [LAST_COMMUNITY]: last, ...factsBefore } = known?.facts ?? {};
  const withPlace = (facts: Readonly<Record<string, string>>, at = last): Readonly<Record<string, string>> =>
    at === undefined ? facts : { ...facts, [LAST_COMMUNITY]: at };

  if (check.chatId === undefined) {
    const fix = check.fix ? await fixAll(deps) : undefined;
    const [found, furtherBots, some] = await Promise.all([
      lookAtDefault(check, known, byDefault, fix, deps),
      examineFurtherBots(fix !== undefined, deps),
      examineSome(connected, last, deps.bots, deps),
    ]);
    const communities = communityFindings(some.findings, before.communities, connected);
    return {
      findings: [...found.findings, ...furtherBots, ...communities],
      facts: some.last === undefined ? found.facts : withPlace(found.facts, some.last),
      restored: new Set([...found.restored, ...some.restored]),
    };
  }

  if ((concerned !== undefined && concerned === byDefault) || isPerhapsOf(byDefault, check.chatId, known)) {
    const found = await lookAtDefault(check, known, byDefault, undefined, deps);
    const communities = communityFindings([], before.communities, connected);
    return {
      findings: [...found.findings, ...before.furtherBots, ...communities],
      facts: withPlace(found.facts),
      restored: new Set(found.restored),
    };
  }
  if (concerned?.state !== 'connected') return undefined;
  const { finding, isRestored } = await examineCommunity(concerned, deps.bots, deps);
  const communities = communityFindings([finding], before.communities, connected);
  return {
    findings: [...before.byDefault, ...before.furtherBots, ...communities],
    facts: withPlace(factsBefore),
    restored: new Set(isRestored ? [concerned.communityId] : []),
  };
}

/** Ids of basic groups are above it (https://core.telegram.org/api/bots/ids). */
const BASIC_GROUPS_ABOVE = -1_000_000_000_000;

/**
 * A name can stand for any id, until Telegram has told for which. And a basic group may have become a supergroup: a bot
 * is told of its standing in the new chat, and of no end of the old one (tdlib/telegram-bot-api#266).
 */
function isPerhapsOf(byDefault: Community | undefined, chatId: string, known: HealthReport | undefined): boolean {
  if (byDefault?.state !== 'connected') return false;
  const current = known?.facts['chatId'];
  if (byDefault.chatId.startsWith('@')) return (current ?? chatId) === chatId;
  return Number(current ?? byDefault.chatId) > BASIC_GROUPS_ABOVE && Number(chatId) < BASIC_GROUPS_ABOVE;
}

interface FoundOfDefault {
  readonly findings: readonly Finding[];
  readonly facts: Readonly<Record<string, string>>;
  readonly restored: readonly string[];
}

async function lookAtDefault(
  check: HealthCheck,
  known: HealthReport | undefined,
  community: Community | undefined,
  fix: string | undefined,
  deps: ExamineTelegramDeps,
): Promise<FoundOfDefault> {
  const [others, { findings, facts = {}, isRestored }] = await Promise.all([
    deps.otherFindings(),
    examineDefault(check, known, community, { fix, deps }),
  ]);
  return {
    findings: [...others, ...findings],
    facts,
    restored: isRestored || isMended(known, { findings }) ? [DEFAULT_COMMUNITY] : [],
  };
}

function furtherBotsOf({ bots }: ExamineTelegramDeps): readonly (ExaminedBot & { readonly furtherBotId: string })[] {
  return bots.all.slice(1).map((bot) => ({ bot, furtherBotId: bot.botId }));
}

async function examineFurtherBots(isFixed: boolean, deps: ExamineTelegramDeps): Promise<readonly Finding[]> {
  const fixedAt = isFixed ? deps.clock.now() : undefined;
  const found = await eachOf(furtherBotsOf(deps), async (examined) => {
    const look = await lookAtBot(examined.bot, deps.clock);
    await keepUpdatesAsNeeded(examined, look, deps);
    const findings = await examineBot(examined, look, fixedAt, deps);
    return findings.map((finding) => ofFurtherBot(finding, examined.furtherBotId));
  });
  return found.flat();
}

/** Of every bot; what was done alike is said once. */
async function fixAll(deps: ExamineTelegramDeps): Promise<string> {
  const [byDefault] = deps.bots.all;
  const ofDefault = await fixWebhook({ bot: byDefault, furtherBotId: undefined }, deps);
  const ofOthers = await eachOf(furtherBotsOf(deps), async (further) => ({
    botId: further.furtherBotId,
    done: await fixWebhook(further, deps),
  }));
  const alike = [...Map.groupBy(ofOthers, ({ done }) => done)];
  return [
    ofDefault,
    ...alike.map(([done, those]) => `Bot ${those.map(({ botId }) => botId).join(', ')}: ${done}`),
  ].join('. ');
}
