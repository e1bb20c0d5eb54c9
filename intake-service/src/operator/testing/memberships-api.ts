import {
  communities,
  type Community,
  type ConnectedCommunity,
} from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { foldGrants } from '@paid-community/shared/model/memberships/covered-time.ts';
import { grants, type Grant } from '@paid-community/shared/model/memberships/grant.ts';
import { accountBound, presenceSeen } from '@paid-community/shared/model/memberships/account-life.ts';
import { effectsDone } from '@paid-community/shared/model/memberships/due-times.ts';
import { newMembership, withFold } from '@paid-community/shared/model/memberships/membership-life.ts';
import { membershipIdOf, memberships, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { membershipEvents } from '@paid-community/shared/model/topics.ts';
import { createDocument, type DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { openOperator, type Operator } from './open-operator.ts';

export interface Member {
  readonly userId: string;
  /** Without it: no end. */
  readonly endsAt?: string;
  /** The account that came in. Without it nobody has come yet. */
  readonly telegramUserId?: string;
  /** Of the purchase. */
  readonly requestId?: string;
}

/** Somebody has bought, and all that was told. Returns the membershipId. */
export async function storeMember(
  { userId, endsAt, telegramUserId, requestId = `request-of-${userId}` }: Member,
  community: Community,
  store: DocumentStore,
  nowMs: number,
): Promise<string> {
  const { communityId, timeZone } = community;
  const at = new Date(nowMs).toISOString();
  const membershipId = membershipIdOf(communityId, { userId });
  const grant: Grant = {
    grantId: requestId,
    kind: 'purchase',
    membershipId,
    communityId,
    userId,
    transactionId: 'txn-1',
    planId: 'monthly',
    planName: 'Monthly',
    endsAt,
    from: at,
    createdAt: at,
  };
  const fold = foldGrants([grant], undefined, { timeZone });
  const unknown = newMembership({ membershipId, communityId, userId }, nowMs);
  const pending = withFold(unknown, fold, { what: 'bought' }, community, nowMs);
  const inside =
    telegramUserId === undefined
      ? pending
      : presenceSeen(
          accountBound(pending, telegramUserId, nowMs),
          { presence: 'inside', at, isAdmitted: true },
          community,
          nowMs,
        );
  await store.commit([
    createDocument(grants, grant.grantId, grant),
    createDocument(memberships, membershipId, effectsDone(inside, inside.effects, community, nowMs)),
  ]);
  return membershipId;
}

/** The operations on memberships, over the community `gold`, which removes people. */
export class MembershipsApi {
  readonly operator: Operator = openOperator();
  readonly community: ConnectedCommunity;

  constructor(fields: Partial<ConnectedCommunity> = {}) {
    this.community = someCommunity({ removal: 'on', ...fields });
  }

  async open(): Promise<void> {
    await this.operator.backend.store.commit([createDocument(communities, 'gold', this.community)]);
  }

  member(userId: string, of: Omit<Member, 'userId'> = {}): Promise<string> {
    const { backend, clock } = this.operator;
    return storeMember({ userId, ...of }, this.community, backend.store, clock.now());
  }

  async stored(membershipId: string): Promise<Membership | undefined> {
    return (await this.operator.backend.store.get(memberships, membershipId))?.data;
  }

  /** What was told of memberships, in its order: the type, and of its facts `reason`. */
  told(): readonly (readonly [string, string | undefined])[] {
    return this.operator.eventBus
      .eventsOn(membershipEvents)
      .map(({ type, data }) => [String(type), (data as { readonly reason?: string }).reason]);
  }

  /** Types of the tasks that were queued, with the account or the request that they are about. */
  queued(): readonly (readonly [string, string])[] {
    return this.operator.taskQueue.tasks.map(({ payload }) => {
      const task = JSON.parse(payload) as {
        readonly type: string;
        readonly requestId?: string;
        readonly telegramUserId?: string;
      };
      return [task.type, task.telegramUserId ?? task.requestId ?? ''];
    });
  }

  close(): Promise<void> {
    return this.operator.close();
  }
}
