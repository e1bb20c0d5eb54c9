import type { Community } from '@paid-community/shared/model/communities/community.ts';
import type { Finding, HealthReport } from '@paid-community/shared/model/operations/health-report.ts';
import type { Examination, HealthCheck } from '@paid-community/shared/health/answer-health-check.ts';
import { clockSkewFinding } from '@paid-community/shared/health/clock-skew.ts';
import { secretFingerprint } from '@paid-community/shared/health/secret-fingerprint.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { Type } from 'typebox';
import type { Bots } from '../bots/bots.ts';
import { apiFinding, chatFinding, rightsFinding } from './bot-findings.ts';
import { examineBot, keepUpdatesAsNeeded, secretsOf, type ExamineBotDeps } from './examine-bot.ts';
import { examineCommunity, type ExaminedCommunity } from './examine-community.ts';
import { lookAtBot } from './look-at-bot.ts';
import type { ChatLook } from './look-at-chat.ts';
import type { RecordStandingDeps } from './record-standing.ts';
import type { Reply } from './reply.ts';

export interface ExamineDefaultDeps extends ExamineBotDeps, RecordStandingDeps {
  readonly bots: Bots;
}

/**
 * The default bot and the community of the settings, under the names that these findings have always had. Where the
 * community has several bots, or needs more than links, it has a finding of its own besides.
 * @throws RetryableError when store or bus do not answer.
 */
export async function examineDefault(
  check: HealthCheck,
  known: HealthReport | undefined,
  community: Community | undefined,
  { fix, deps }: { readonly fix: string | undefined; readonly deps: ExamineDefaultDeps },
): Promise<Examination & { readonly isRestored: boolean }> {
  const { bots, updates, clock } = deps;
  const [bot] = bots.all;
  const fixedAt = fix === undefined ? undefined : clock.now();
  const [look, examined] = await Promise.all([
    lookAtBot(bot, clock),
    community?.state === 'connected' ? examineCommunity(community, bots, deps) : undefined,
  ]);
  await keepUpdatesAsNeeded({ bot, furtherBotId: undefined }, look, deps);
  const secrets = secretsOf(updates);
  const inChat = examined?.look;
  const [token, ...others] = await examineBot({ bot, furtherBotId: undefined }, look, fixedAt, deps);
  return {
    findings: [
      apiFinding([look.me, ...(inChat === undefined ? [] : [inChat.chat, ...inChat.members])]),
      token,
      ...(await chatFindings(community, inChat, look.me, { bots, secrets })),
      ...others,
      clockSkewFinding('clock_telegram', 'Telegram', look.timed),
      ...ownFinding(community, examined),
    ],
    facts: {
      updatesBy: updates.by,
      ...idOf(inChat?.chat, known),
      ...(updates.by === 'webhook' && updates.secret !== undefined
        ? { secretFingerprint: secretFingerprint(updates.secret) }
        : {}),
      ...(fix === undefined ? lastFix(known) : { fix, fixedFor: check.checkId }),
    },
    isRestored: examined?.isRestored ?? false,
  };
}

async function chatFindings(
  community: Community | undefined,
  look: ChatLook | undefined,
  me: Reply,
  { bots, secrets }: { readonly bots: Bots; readonly secrets: readonly string[] },
): Promise<readonly Finding[]> {
  if (community?.state !== 'connected')
    return [
      { check: 'chat', state: 'warning', meaning: 'The community "default" is disconnected: it takes no purchases' },
    ];
  const [member] = look?.members ?? [];
  if (look === undefined || member === undefined) return [];
  const { chat } = bots.serve(community);
  const ids = { configured: chat.configuredId, current: await chat.id() };
  return [chatFinding(look.chat, me, ids), rightsFinding(member, me, { secrets })];
}

function ownFinding(community: Community | undefined, examined: ExaminedCommunity | undefined): readonly Finding[] {
  if (community === undefined || examined === undefined) return [];
  const { botIds, removal, wrongPerson } = community;
  const needsMore = removal === 'on' || wrongPerson === 'remove';
  const isAsAlways = botIds.length === 1 && !needsMore && examined.look !== undefined;
  return isAsAlways ? [] : [examined.finding];
}

const validateChat = compileValidator(Type.Object({ id: Type.Integer() }));

// For others, which have no token: an @username stands for an id, and the id of a group changes. What Telegram does not
// say now, it said before.
function idOf(chat: Reply | undefined, known: HealthReport | undefined): Readonly<Record<string, string>> {
  const described = validateChat(chat?.kind === 'result' ? chat.result : undefined);
  const chatId = described.valid ? String(described.value.id) : known?.facts['chatId'];
  return chatId === undefined ? {} : { chatId };
}

// The one who asked for it may not have read it yet.
function lastFix(known: HealthReport | undefined): Readonly<Record<string, string>> {
  const { fix, fixedFor } = known?.facts ?? {};
  return fix === undefined || fixedFor === undefined ? {} : { fix, fixedFor };
}
