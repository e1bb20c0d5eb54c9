import { inviteLinkId } from '@paid-community/shared/model/links/invite-link.ts';
import { documentOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import type { ProcessingRequest, ReplacedLink } from '@paid-community/shared/model/links/request-states.ts';
import { replacedLinkRevoked } from '@paid-community/shared/model/links/replace-link.ts';
import { updateDocument, type Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import type { CreateInviteLinkTask } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { afterFailedCall, logFieldsOf, putBack } from '../calls/after-failed-call.ts';
import type { CreateInviteLinkDeps } from './create-invite-link.ts';

/**
 * The buyer is to get another link: this task revokes the one before, and one that follows at once makes the new one,
 * so that each call waits for its own turn.
 */
export async function revokeReplaced(
  task: CreateInviteLinkTask,
  read: Snapshot<ProcessingRequest>,
  replaced: ReplacedLink,
  deps: CreateInviteLinkDeps,
): Promise<void> {
  const startedAtMs = deps.clock.monotonicMs();
  try {
    await deps.telegram.revokeInviteLink(replaced.inviteLink);
  } catch (error) {
    return afterFailedCall(task, read, { startedAtMs, call: 'revoke', error }, deps);
  }
  const now = deps.clock.now();
  deps.log.info(
    {
      ...logFieldsOf(task, read.data),
      durationMs: Math.round(deps.clock.monotonicMs() - startedAtMs),
      outcome: 'revoked',
      inviteLinkHash: inviteLinkId(replaced.inviteLink),
    },
    'link call',
  );
  const changed = replacedLinkRevoked(read.data, replaced, now);
  await deps.store.commit([updateDocument(inviteRequests, read, documentOf(changed))]);
  await putBack(task, new Date(now), deps);
}
