import type { CreateInviteLinkTask } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { AttemptLimits } from '../calls/attempts.ts';
import type { CallLine, Turns } from '../calls/make-call.ts';
import type { InviteLinkClient } from './invite-link-client.ts';
import type { FailedLinkCall } from './link-outcome.ts';

/** The links of one community: whom to call for them, and when. */
export interface LinkCalls {
  readonly telegram: InviteLinkClient;
  readonly turns: Turns;
}

export interface LinkCallDeps {
  readonly store: DocumentStore;
  /** @throws PermanentError when no bot of this process serves the community. */
  readonly callsOf: (communityId: string) => LinkCalls;
  readonly limits: AttemptLimits;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What the log says of every call for a link. */
export function lineOf<Result>(
  { requestId, deferrals, retry }: CreateInviteLinkTask,
  call: FailedLinkCall['call'],
  done: CallLine<Result>['done'],
): CallLine<Result> {
  return {
    message: 'link call',
    fields: { requestId, deferrals, retry, call: call === 'revoke' ? call : undefined },
    done,
  };
}
