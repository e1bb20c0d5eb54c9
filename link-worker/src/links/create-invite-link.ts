import type { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import type { Community } from '@paid-community/shared/model/communities/community.ts';
import { PermanentError } from '@paid-community/shared/platform/ports/errors.ts';
import { attemptsOf, type MadeLink } from '@paid-community/shared/model/links/attempts.ts';
import type { CreateInviteLinkTask } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import { inviteLinkId } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequestOf, inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import type { OpenRequest } from '@paid-community/shared/model/links/request-states.ts';
import { nextStep } from '@paid-community/shared/model/links/next-step.ts';
import { toLinkName } from '@paid-community/shared/model/purchases/request-id.ts';
import type { Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { attemptsExhausted } from '../calls/attempts.ts';
import { makeLinkCall, turnOf, type LinkCallDeps } from './link-calls.ts';
import type { LinkOutcome } from './link-outcome.ts';
import { recordLink } from './record-link.ts';
import { revokeReplaced } from './revoke-replaced-link.ts';
import { nextAttempt, settleCall } from './settle-call.ts';

export interface CreateInviteLinkDeps extends LinkCallDeps {
  readonly communities: Pick<KnownCommunities, 'get'>;
  /** How long an unused link can be used; undefined = for ever. */
  readonly linkTtlMsOf: (community: Community | undefined) => number | undefined;
}

/**
 * Makes the link of one request: one call to Telegram at most, and a record of what it came to. What follows is a task
 * of its own, because a failing task slows the whole of Cloud Tasks.
 *
 * The race that remains: a crash after Telegram answered and before the commit leaves a link that nobody is told of. It
 * carries the request's name in Telegram's list of links.
 *
 * @throws PermanentError when the task can never succeed; RetryableError when the store did not answer.
 */
export async function createInviteLink(task: CreateInviteLinkTask, deps: CreateInviteLinkDeps): Promise<LinkOutcome> {
  const known = await deps.store.get(inviteRequests, task.requestId);
  if (known === undefined) throw new PermanentError('unknown_request', 'There is no request for this task');
  const step = nextStep(task, inviteRequestOf(known.data), deps.clock.now());
  switch (step.kind) {
    case 'drop':
      deps.log.debug({ requestId: task.requestId, retry: task.retry ?? 0, outcome: step.because }, 'task');
      return { kind: 'dropped' };
    case 'publish':
      return { kind: 'linked', request: step.request, isNew: false };
    case 'give_up':
      return { kind: 'given_up', error: attemptsExhausted(step.request.attempts, step.request.lastError?.message) };
    case 'follow_up':
      return { kind: 'queued', task: nextAttempt(task, attemptsOf(step.request), deps) };
    case 'revoke':
      return revokeReplaced(task, { ...known, data: step.request }, step.replaced, deps);
    case 'create':
      return makeLink(task, { ...known, data: step.request }, deps);
  }
}

async function makeLink(
  task: CreateInviteLinkTask,
  read: Snapshot<OpenRequest>,
  deps: CreateInviteLinkDeps,
): Promise<LinkOutcome> {
  const outcome = await makeLinkCall<MadeLink>(
    deps.callsOf(turnOf(task, read.data)),
    {
      method: 'createChatInviteLink',
      make: async ({ telegram, botId }) => {
        const community = await deps.communities.get(read.data.communityId);
        const expiresAt = expiry(deps.linkTtlMsOf(community), deps);
        const asksForApproval = community?.entry === 'request' ? true : undefined;
        const { inviteLink, chatId } = await telegram.createInviteLink({
          name: toLinkName(task.requestId),
          expiresAt,
          memberLimit: asksForApproval ? undefined : 1,
          asksForApproval,
        });
        return { inviteLink, telegramChatId: chatId, botId, expiresAt, asksForApproval };
      },
      attempts: attemptsOf(read.data),
      line: {
        message: 'link call',
        fields: { requestId: task.requestId, deferrals: task.deferrals, retry: task.retry },
        done: ({ inviteLink }) => ({ outcome: 'created', inviteLinkHash: inviteLinkId(inviteLink) }),
      },
    },
    deps,
  );
  if (outcome.kind !== 'done') return settleCall(task, read, 'create', outcome, deps);
  const recorded = await recordLink(read, outcome.result, deps);
  return recorded === undefined ? { kind: 'dropped' } : { kind: 'linked', ...recorded };
}

/** In whole seconds, as Telegram counts. */
function expiry(linkTtlMs: number | undefined, { clock }: Pick<CreateInviteLinkDeps, 'clock'>): Date | undefined {
  return linkTtlMs === undefined ? undefined : new Date(Math.floor((clock.now() + linkTtlMs) / 1_000) * 1_000);
}
