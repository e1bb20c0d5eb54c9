import { changeMembership } from '@paid-community/shared/memberships/change-membership.ts';
import { membershipsOfAccount } from '@paid-community/shared/memberships/memberships-of-account.ts';
import { askedToJoin } from '@paid-community/shared/model/memberships/membership-entry.ts';
import { AnswerJoinRequest } from '@paid-community/shared/model/memberships/membership-tasks.ts';
import { membershipIdOf, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import { findPurchase, type FindPurchaseDeps } from '../joins/find-purchase.ts';
import type { Purchase } from '../joins/joins.ts';
import type { MembershipWork } from '../memberships/membership-work.ts';
import type { ChatJoinRequest } from '../updates/telegram/update.ts';
import { isAwaited, madeByLink } from './enter-by-link.ts';

export interface AnswerJoinRequestDeps extends FindPurchaseDeps {
  readonly memberships: MembershipWork;
  readonly log: Logger;
}

interface Decision {
  readonly membershipId: string;
  /** Why the account is not let in; undefined: it is. */
  readonly refusal: string | undefined;
}

/**
 * Decides whether somebody who asks to be let in is: by the link of a purchase that is the person's own, or because the
 * account is bound to a membership that is paid for. link-worker tells Telegram. Of anybody else who asks without a link
 * of ours the administrators decide. Nobody can ask Telegram for requests that wait, so the decision is made of the
 * update, and the task is queued before the update is over.
 * @param botId - The bot that it came by; undefined for the default one.
 * @returns The community of the chat; undefined in a chat of nobody.
 * @throws RetryableError
 */
export async function answerJoinRequest(
  request: ChatJoinRequest,
  botId: string | undefined,
  traceparent: string,
  deps: AnswerJoinRequestDeps,
): Promise<string | undefined> {
  const found = await findPurchase(request, botId, deps);
  if (found === undefined) return undefined;
  const { memberships: work, log } = deps;
  const { purchase, served } = found;
  const { communityId } = served;
  const telegramUserId = String(request.from.id);
  const decide: Decide = (membership, made) =>
    askFor(membership, made, { telegramUserId, communityId, traceparent }, deps);
  const decision =
    purchase === undefined
      ? await decideByAccount(telegramUserId, communityId, decide, work)
      : await decideByPurchase(purchase, telegramUserId, decide, work);
  if (decision === undefined) {
    log.info({ communityId, outcome: 'left_to_administrators' }, 'join request');
    return communityId;
  }
  const { membershipId, refusal } = decision;
  const approve = refusal === undefined;
  const task = AnswerJoinRequest.toQueueTask({
    communityId,
    chatId: String(request.chat.id),
    telegramUserId,
    requestedAt: new Date(request.date * 1_000).toISOString(),
    approve,
    reason: refusal,
    membershipId,
    attemptNumber: 1,
    deferrals: 0,
    traceparent,
  });
  await work.taskQueue.enqueue(AnswerJoinRequest.queue, task);
  log.info(
    { communityId, membershipId, requestId: purchase?.requestId, outcome: approve ? 'approved' : 'declined', refusal },
    'join request',
  );
  return communityId;
}

type Decide = (membership: string | Snapshot<Membership>, purchase?: Purchase) => Promise<Decision>;

/** Somebody who has paid may have come by the link of another person. */
async function decideByPurchase(
  purchase: Purchase,
  telegramUserId: string,
  decide: Decide,
  work: MembershipWork,
): Promise<Decision> {
  const { communityId, userId, membershipId = membershipIdOf(communityId, { userId }) } = purchase;
  const decision = await decide(membershipId, purchase);
  if (decision.refusal === undefined) return decision;
  const own = await decideByAccount(telegramUserId, communityId, decide, work);
  return own?.refusal === undefined ? (own ?? decision) : decision;
}

/** Undefined: the account is bound to nothing that is paid for. */
async function decideByAccount(
  telegramUserId: string,
  communityId: string,
  decide: Decide,
  { store }: MembershipWork,
): Promise<Decision | undefined> {
  for (const membership of await membershipsOfAccount({ telegramUserId, communityId }, store)) {
    const decision = await decide(membership);
    if (decision.refusal === undefined) return decision;
  }
  return undefined;
}

/** A request by a link that comes before the grant of its purchase makes the membership: the first account is bound. */
async function askFor(
  membership: string | Snapshot<Membership>,
  purchase: Purchase | undefined,
  asked: { readonly telegramUserId: string; readonly communityId: string; readonly traceparent: string },
  { joins, memberships: work }: AnswerJoinRequestDeps,
): Promise<Decision> {
  const { clock } = work;
  const { telegramUserId, communityId, traceparent } = asked;
  const membershipId = typeof membership === 'string' ? membership : membership.id;
  let refusal: string | undefined = 'no_membership';
  await changeMembership(
    membership,
    async (read, rules) => {
      const nowMs = clock.now();
      // A purchase of before its community wanted memberships has none, and no end.
      const isMade =
        read === undefined &&
        purchase !== undefined &&
        (purchase.membershipId === undefined || isAwaited(purchase, nowMs));
      const known = isMade ? await madeByLink({ ...purchase, membershipId }, joins, nowMs) : read;
      if (known === undefined) return undefined;
      const answered = askedToJoin(known, telegramUserId, rules, nowMs);
      ({ refusal } = answered);
      return answered.membership;
    },
    communityId,
    traceparent,
    work,
  );
  return { membershipId, refusal };
}
