import { communities, type Community } from '@paid-community/shared/model/communities/community.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { changeDocument, withWrites } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore, Snapshot, Write } from '@paid-community/shared/platform/ports/document-store.ts';
import { ConflictError } from '@paid-community/shared/platform/ports/errors.ts';

/**
 * Writes a community, and what belongs to it, if nobody has changed it since it was read; `read` is undefined when
 * there was none.
 * @throws HttpError `conflict` when somebody has
 */
export async function writeCommunity(
  read: Snapshot<Community> | undefined,
  next: Community,
  store: DocumentStore,
  writes: readonly Write[] = [],
): Promise<void> {
  try {
    await changeDocument(
      store,
      communities,
      read ?? next.communityId,
      (known) => {
        if (read === undefined && known !== undefined) throw changedMeanwhile();
        return withWrites(next, writes);
      },
      { attempts: 1 },
    );
  } catch (error) {
    if (error instanceof ConflictError) throw changedMeanwhile();
    throw error;
  }
}

export function changedMeanwhile(): HttpError {
  return new HttpError('conflict', 'Somebody else has changed this community in the same moment; look at it again');
}
