import { changeMembership } from '@paid-community/shared/memberships/change-membership.ts';
import { membershipsOfAccount } from '@paid-community/shared/memberships/memberships-of-account.ts';
import type { MembershipFacts } from '@paid-community/shared/model/memberships/membership-event-types.ts';
import { MemberRemoved, RemovalFailed } from '@paid-community/shared/model/memberships/membership-events.ts';
import { removalAnswered } from '@paid-community/shared/model/memberships/account-life.ts';
import type { DomainEvent } from '@paid-community/shared/platform/delivery/define-event.ts';
import { on, type TypedMessageHandler } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import type { MembershipWork } from './membership-work.ts';

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
  const answer = { telegramUserId, at, problem };
  for (const membership of await membershipsOfAccount({ telegramUserId, communityId }, work.store))
    await changeMembership(
      membership,
      (known, rules) => (known === undefined ? undefined : removalAnswered(known, answer, rules, work.clock.now())),
      communityId,
      traceparent,
      work,
    );
}
