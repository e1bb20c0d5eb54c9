import { randomBytes } from 'node:crypto';
import { requestHealthCheck } from '@paid-community/shared/health/request-health-check.ts';
import { communities, type Community } from '@paid-community/shared/model/communities/community.ts';
import { waiting } from '@paid-community/shared/model/communities/community-life.ts';
import {
  connectionCode,
  connectionCodeId,
  connectionCodes,
} from '@paid-community/shared/model/communities/connection-code.ts';
import { ListBots, type KnownBots } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { createDocument, type Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { timeOfChange } from '../../time-of-change.ts';
import { writeCommunity } from '../../communities/write-community.ts';
import type { OperatorCall } from '../http/operation.ts';
import { askTelegram } from '../../telegram/ask-telegram.ts';
import { describeCommunity, type CommunityAndLinks, type LinkToTap } from './community-answer.ts';
import { connectedAlready } from './connected-already.ts';
import { requireFillablePool } from './require-fillable-pool.ts';
import { withDefaults, type GivenSettings } from './setting-fields.ts';

/** 32 letters of base64url; a payload has 64 at most. */
const CODE_BYTES = 24;

/**
 * A community without a chat yet, and the links by which an administrator gives it one: one for each bot. Asked for
 * again, it has new links beside the earlier ones.
 * @throws HttpError `conflict`
 */
export async function waitForTap(
  communityId: string,
  given: GivenSettings,
  read: Snapshot<Community> | undefined,
  call: OperatorCall,
): Promise<CommunityAndLinks> {
  const known = read?.data;
  if (known?.state === 'connected') throw connectedAlready(known);
  const { bots } = await askTelegram(ListBots, {}, call);
  const botIds = given.botIds ?? bots.slice(0, 1).map(({ botId }) => botId);
  const at = await timeOfChange(communities, call);
  const nowMs = call.clock.now();
  const made = botIds.map((botId) => {
    const username = usernameOf(botId, bots);
    const code = randomBytes(CODE_BYTES).toString('base64url');
    const document = connectionCode({ communityId, botId }, nowMs);
    return {
      link: { botId, ...linksOf(username, code), expiresAt: document.expiresAt } satisfies LinkToTap,
      write: createDocument(connectionCodes, connectionCodeId(code), document),
    };
  });
  const settings = withDefaults(given, botIds);
  await requireFillablePool(settings, call.store);
  const community = waiting(communityId, settings, known, at);
  await writeCommunity(
    read,
    community,
    call.store,
    made.map(({ write }) => write),
  );
  // link-worker then has messages sent of these bots: one of them brings the code.
  await requestHealthCheck({ askedBy: 'intake-service', traceparent: call.traceparent }, call);
  return { community: describeCommunity(community), links: made.map(({ link }) => link) };
}

/** @throws HttpError `conflict` for a bot that nobody can use */
function usernameOf(botId: string, bots: KnownBots['bots']): string {
  const bot = bots.find((each) => each.botId === botId);
  if (bot === undefined)
    throw new HttpError(
      'conflict',
      `The bot ${botId} is not one whose token link-worker has: add it to TELEGRAM_BOT_TOKENS. There are: ${bots.map((each) => each.botId).join(', ')}`,
    );
  if (bot.username === undefined)
    throw new HttpError(
      'conflict',
      `The bot ${botId} cannot be used: ${bot.fault ?? 'Telegram has not told its name'}`,
    );
  return bot.username;
}

// Which rights a link asks for: https://core.telegram.org/bots/features#deep-linking.
const RIGHTS = 'admin=invite_users+restrict_members';

function linksOf(username: string, code: string): { readonly group: string; readonly channel: string } {
  const bot = `https://t.me/${username}`;
  return { group: `${bot}?startgroup=${code}&${RIGHTS}`, channel: `${bot}?startchannel&${RIGHTS}` };
}
