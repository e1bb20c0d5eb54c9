import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import type { Bots } from '../bots/bots.ts';
import { NoTokenError } from '../bots/not-served.ts';
import type { ServingBot } from '../bots/serving-bot.ts';
import type { AskedTurn } from '../bots/throttle.ts';
import type { AttemptLimits } from '../calls/attempts.ts';
import {
  makeDecidedCall,
  notCalled,
  type Call,
  type CallLine,
  type CallOutcome,
  type Refrained,
} from '../calls/make-call.ts';

export interface MemberDeps {
  readonly bots: Pick<Bots, 'soonestTurn'>;
  readonly communities: Pick<KnownCommunities, 'readAgain'>;
  readonly store: DocumentStore;
  readonly eventBus: EventBus;
  readonly limits: AttemptLimits;
  readonly clock: Clock;
  readonly log: Logger;
}

/** One call about a person. */
export interface MemberCall<Result> extends Pick<Call<Result>, 'method' | 'alreadyDone'> {
  readonly make: (by: ServingBot) => Promise<Result>;
}

export interface MemberWork<Result, Instead> {
  readonly turn: AskedTurn;
  /** 1-based. */
  readonly attemptNumber: number;
  readonly line: CallLine<Result>;
  /** Which call, by what is so after the turn was waited for; or what is done instead of one. */
  readonly decide: (by: ServingBot) => Promise<{ readonly call: MemberCall<Result> } | { readonly instead: Instead }>;
}

/**
 * Makes one call about a person by the bot of the community that has its turn soonest. Without the token of such a bot
 * no call is made, and the attempt counts as one that an administrator has to mend.
 * @throws as makeDecidedCall; PermanentError when the community is not connected
 */
export async function makeMemberCall<Result, Instead>(
  { turn, attemptNumber, line, decide }: MemberWork<Result, Instead>,
  deps: MemberDeps,
): Promise<CallOutcome<Result> | Refrained<Instead>> {
  const attempts = { made: attemptNumber - 1, failures: [], nextAt: undefined };
  let by: Awaited<ReturnType<Bots['soonestTurn']>>;
  try {
    by = await deps.bots.soonestTurn('member', turn);
  } catch (error) {
    if (error instanceof NoTokenError) return notCalled({ attempts, line }, error, deps);
    throw error;
  }
  const { serving, turns } = by;
  const lineOfBot = { ...line, fields: { ...line.fields, botId: serving.bot.botId } };
  return makeDecidedCall<Result, Instead>(
    async () => {
      const decided = await decide(serving);
      if (!('call' in decided)) return decided;
      const { call } = decided;
      const make = (): Promise<Result> => call.make(serving);
      return { call: { ...call, make, line: lineOfBot, attempts, isAboutPerson: true } };
    },
    { ...deps, turns },
  );
}
