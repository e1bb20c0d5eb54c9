import { changeMembership } from '@paid-community/shared/memberships/change-membership.ts';
import type { MembershipFacts } from '@paid-community/shared/model/memberships/membership-event-types.ts';
import { MemberRemoved, RemovalFailed } from '@paid-community/shared/model/memberships/membership-events.ts';
import { removalAnswered } from '@paid-community/shared/model/memberships/account-life.ts';
import { accountKey, memberships } from '@paid-community/shared/model/memberships/membership.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import { on, type TypedMessageHandler } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import type { MembershipWork } from './membership-work.ts';

/** More memberships than one account has in a community. */
const MOST = 100;

/** What Telegram answered to removals. */
export function answerHandlers(work: MembershipWork): readonly TypedMessageHandler[] {
  return [
    on(MemberRemoved, (event) => noteAnswer(event, undefined, work)),
    on(RemovalFailed, (event) => noteAnswer(event, event.data.reason ?? 'unknown', work)),
  ];
}

/** The account is out, or cannot be removed: this is so for all its memberships in the community. */
async function noteAnswer(
  { data, time: at, traceparent }: DomainEvent<MembershipFacts>,
  problem: string | undefined,
  work: MembershipWork,
): Promise<void> {
  const { communityId, telegramUserId } = data;
  if (telegramUserId === undefined) return;
  const { documents } = await work.store.query({
    collection: memberships,
    where: { accountKey: accountKey(communityId, telegramUserId) },
    orderBy: { field: 'membershipId', direction: 'ascending' },
    limit: MOST,
  });
  const answer = { telegramUserId, at, problem };
  for (const membership of documents)
    await changeMembership(
      membership,
      (known, rules) => (known === undefined ? undefined : removalAnswered(known, answer, rules, work.clock.now())),
      communityId,
      traceparent,
      work,
    );
}
