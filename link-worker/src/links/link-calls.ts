import type { CreateInviteLinkTask } from '@paid-community/shared/model/links/create-invite-link-task.ts';
import type { OpenRequest } from '@paid-community/shared/model/links/request-states.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { LinkOrigin } from '../bots/bots.ts';
import type { AskedTurn } from '../bots/throttle.ts';
import { NoTokenError } from '../bots/not-served.ts';
import type { AttemptLimits } from '../calls/attempts.ts';
import { makeCall, notCalled, type Call, type CallOutcome, type Turns } from '../calls/make-call.ts';
import type { InviteLinkClient } from './invite-link-client.ts';

/** One bot, for the links of one community: whom to call for them, and when. */
export interface LinkCalls {
  readonly botId: string;
  readonly telegram: InviteLinkClient;
  readonly turns: Turns;
}

/** Whose link it is, and what its turn goes by. */
export interface LinkTurn extends Pick<AskedTurn, 'communityId' | 'since' | 'line'> {
  /** Absent: a purchase waits for it. */
  readonly callClass?: 'fill' | 'removal' | undefined;
}

export interface LinkCallDeps {
  readonly store: DocumentStore;
  /** Of the bot that is to make the next link. @throws as Bots.of */
  readonly callsOf: (link: LinkTurn) => Promise<LinkCalls>;
  /** Of the bot that made a link, in the chat of the link. @throws as Bots.maker */
  readonly callsOfMaker: (link: LinkTurn, madeBy: LinkOrigin) => Promise<LinkCalls>;
  readonly limits: AttemptLimits;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Makes one call by the bot that `calls` finds. Without the token of such a bot no call is made, and the attempt counts
 * as one that an administrator has to mend.
 * @throws as makeCall; PermanentError when the community is not connected
 */
export async function makeLinkCall<Result>(
  calls: Promise<LinkCalls>,
  call: Omit<Call<Result>, 'make'> & { readonly make: (by: LinkCalls) => Promise<Result> },
  deps: LinkCallDeps,
): Promise<CallOutcome<Result>> {
  let by: LinkCalls;
  try {
    by = await calls;
  } catch (error) {
    if (error instanceof NoTokenError) return notCalled(call, error, deps);
    throw error;
  }
  const line = { ...call.line, fields: { ...call.line.fields, botId: by.botId } };
  return makeCall({ ...call, line, make: () => call.make(by) }, { ...deps, turns: by.turns });
}

/** Of one community, the oldest purchase is first. */
export function turnOf(
  { line }: CreateInviteLinkTask,
  { communityId, createdAt }: Pick<OpenRequest, 'communityId' | 'createdAt'>,
): LinkTurn {
  return { communityId, since: Date.parse(createdAt), line };
}
