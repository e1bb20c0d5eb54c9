import { changeMembership } from '@paid-community/shared/memberships/change-membership.ts';
import { LOOK_CACHED_MS, lookedForAgain } from '@paid-community/shared/model/memberships/membership-entry.ts';
import { isEnded, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { SeeMember } from '@paid-community/shared/model/operations/telegram-questions.ts';
import { putQuestion } from '@paid-community/shared/questions/put-question.ts';
import type { MembershipWork } from '../memberships/membership-work.ts';

/**
 * A purchase that is posted again asks for a link. Of somebody who is inside by what updates said there is none to give:
 * unless an update was lost, as those of more than a day are while we are down. So Telegram is asked for this one
 * person. Nothing happens where it does not say, or where an update says it better.
 * @throws RetryableError
 */
export async function lookAgain(
  membership: Membership,
  requestId: string,
  traceparent: string,
  work: MembershipWork,
): Promise<void> {
  const { membershipId, communityId, telegramUserId, presence, presenceAt = '' } = membership;
  if (presence !== 'inside' || telegramUserId === undefined || isEnded(membership)) return;
  if (work.clock.now() - Date.parse(presenceAt) < LOOK_CACHED_MS) return;
  const said = await putQuestion(SeeMember, { communityId, telegramUserId }, { ...work, traceparent });
  const place = said.kind === 'answered' ? said.answer.place : 'unknown';
  work.log.info(
    { membershipId, communityId, requestId, outcome: place },
    'somebody who asks for a link again was looked for',
  );
  if (place === 'unknown') return;
  await changeMembership(
    membershipId,
    (known, rules) =>
      known === undefined ? undefined : lookedForAgain(known, { telegramUserId, place }, rules, work.clock.now()),
    communityId,
    traceparent,
    work,
  );
}
