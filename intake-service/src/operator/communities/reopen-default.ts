import { communities, DEFAULT_COMMUNITY, type Community } from '@paid-community/shared/model/communities/community.ts';
import { waiting } from '@paid-community/shared/model/communities/community-life.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { timeOfChange } from '../../time-of-change.ts';
import { writeCommunity } from '../../communities/write-community.ts';
import type { OperatorCall } from '../http/operation.ts';
import { communityInWords } from './read-community.ts';
import type { CommunityInWords } from './community-answer.ts';
import { requireFillablePool } from './require-fillable-pool.ts';
import { requireRights } from './require-rights.ts';
import { withDefaults, type GivenSettings } from './setting-fields.ts';
import { invalidArguments } from '../http/invalid-arguments.ts';

/** `default` is connected by the settings, so only one that was disconnected is connected again. @throws HttpError */
export async function reopenDefault(
  read: Snapshot<Community> | undefined,
  chatId: string | undefined,
  given: GivenSettings,
  call: OperatorCall,
): Promise<CommunityInWords> {
  if (chatId !== undefined)
    throw invalidArguments({
      path: '/chatId',
      message: `must not be there: the chat of "${DEFAULT_COMMUNITY}" is TELEGRAM_CHAT_ID`,
    });
  if (read?.data.state !== 'disconnected')
    throw new HttpError(
      'conflict',
      `The community "${DEFAULT_COMMUNITY}" is connected by the settings: change its settings with \`communities change\``,
    );
  const settings = withDefaults(given, given.botIds ?? []);
  const next = waiting(DEFAULT_COMMUNITY, settings, read.data, await timeOfChange(communities, call));
  const community = await communityInWords(next, call.store);
  await requireFillablePool(community, call.store);
  await requireRights(next, call);
  await writeCommunity(read, next, call.store);
  return community;
}
