import { chatStandings } from '@paid-community/shared/model/communities/chat-standing.ts';
import { communities, DEFAULT_COMMUNITY, type Community } from '@paid-community/shared/model/communities/community.ts';
import { environmentCommunity } from '@paid-community/shared/model/communities/default-community.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { DocumentStore, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { timeOfChange } from '../../time-of-change.ts';
import type { OperatorCall } from '../http/operation.ts';
import { describeCommunity, type CommunityInWords } from './community-answer.ts';
import { describeDefault, documentOfDefault } from './default-community.ts';

/** A community that is about to be changed. */
interface CommunityToChange {
  /** Undefined: `default`, which has no document before its first change. */
  readonly read: Snapshot<Community> | undefined;
  readonly known: Community;
  /** The time of the change. */
  readonly at: string;
}

/** @throws HttpError `not_found` */
export async function readToChange(communityId: string, call: OperatorCall): Promise<CommunityToChange> {
  const read = await readCommunity(communityId, call.store);
  // After the read: a change is never older than the one before.
  const at = await timeOfChange(communities, call);
  return { read, known: read?.data ?? documentOfDefault(at), at };
}

/** @throws HttpError `not_found` */
export async function viewCommunity(communityId: string, store: DocumentStore): Promise<CommunityInWords> {
  return communityInWords((await readCommunity(communityId, store))?.data, store);
}

/** What a community wants of its memberships. @throws HttpError `not_found` */
export async function readRules(communityId: string, store: DocumentStore): Promise<Community> {
  const read = await readCommunity(communityId, store);
  return read?.data ?? environmentCommunity({ chatId: '', botId: '' });
}

/** As operators see it, also `default`, which may have no document. */
export async function communityInWords(
  community: Community | undefined,
  store: DocumentStore,
): Promise<CommunityInWords> {
  return community === undefined || community.communityId === DEFAULT_COMMUNITY
    ? describeDefault(community, (await store.get(chatStandings, DEFAULT_COMMUNITY))?.data)
    : describeCommunity(community);
}

/** Undefined: `default` without a document. */
async function readCommunity(communityId: string, store: DocumentStore): Promise<Snapshot<Community> | undefined> {
  const read = await store.get(communities, communityId);
  if (read === undefined && communityId !== DEFAULT_COMMUNITY)
    throw new HttpError('not_found', 'There is no such community; `communities list` shows those that there are');
  return read;
}
