import type { InviteRequest } from './invite-request.ts';
import { queuedAnew, type QueuedAnew } from './queue-anew.ts';

/** Enough for every honest reason, and a bound on the document. */
export const MAX_GENERATIONS = 50;

/** A request that is to get the next generation of its link: its task revokes the present one first. */
export function replacedAnew(
  request: InviteRequest & { readonly inviteLink: string; readonly linkCreatedAt: string },
  nowMs: number,
  because?: 'expired',
): QueuedAnew {
  const { inviteLink, linkCreatedAt, generation = 1 } = request;
  const { changed, task } = queuedAnew(request, nowMs);
  const replaces = { inviteLink, createdAt: linkCreatedAt, ...(because === undefined ? {} : { because }) };
  return {
    changed: {
      ...changed,
      generation: generation + 1,
      replaces,
      inviteLink: undefined,
      linkCreatedAt: undefined,
      linkExpiresAt: undefined,
    },
    task,
  };
}
