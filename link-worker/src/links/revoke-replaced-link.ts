import { attemptsOf } from '@paid-community/shared/model/links/attempts.ts';
import type { CreateInviteLinkTask } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { asStored, documentOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import type { ProcessingRequest, ReplacedLink } from '@paid-community/shared/model/links/request-states.ts';
import { replacedLinkRevoked } from '@paid-community/shared/model/links/replace-link.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { turnOf, type LinkCallDeps } from './link-calls.ts';
import type { LinkOutcome } from './link-outcome.ts';
import { makeRevocation } from './make-revocation.ts';
import { sameAttempt, settleCall } from './settle-call.ts';

/**
 * The buyer is to get another link: this task revokes the one before. A task that follows at once makes the new one, so
 * that each call waits for its own turn.
 */
export async function revokeReplaced(
  task: CreateInviteLinkTask,
  read: Snapshot<ProcessingRequest>,
  replaced: ReplacedLink,
  deps: LinkCallDeps,
): Promise<LinkOutcome> {
  // Until the next link is made, the request says in which chat this one is.
  const { telegramChatId } = read.data;
  const { requestId, deferrals, retry } = task;
  const outcome = await makeRevocation(
    { ...replaced, telegramChatId },
    { turn: turnOf(task, read.data), attempts: attemptsOf(read.data), fields: { requestId, deferrals, retry } },
    deps,
  );
  if (outcome.kind !== 'done') return settleCall(task, read, 'revoke', outcome, deps);
  const now = deps.clock.now();
  const changed = replacedLinkRevoked(read.data, replaced, now);
  await changeDocument(deps.store, inviteRequests, asStored(read), () => documentOf(changed), { attempts: 1 });
  return { kind: 'queued', task: sameAttempt(task, new Date(now)) };
}
