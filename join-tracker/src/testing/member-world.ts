import { communities, type ConnectedCommunity } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { inviteLinkId, inviteLinks } from '@paid-community/shared/model/links/invite-link.ts';
import { inviteRequests } from '@paid-community/shared/model/links/invite-request.ts';
import { grantsOf } from '@paid-community/shared/memberships/grants-of.ts';
import { foldGrants } from '@paid-community/shared/model/memberships/covered-time.ts';
import { grants, type Grant } from '@paid-community/shared/model/memberships/grant.ts';
import { accountBound } from '@paid-community/shared/model/memberships/account-life.ts';
import { newMembership, withFold } from '@paid-community/shared/model/memberships/membership-life.ts';
import { memberships, membershipIdOf, type Membership } from '@paid-community/shared/model/memberships/membership.ts';
import { storeOwners } from '@paid-community/shared/model/operations/store-owner.ts';
import { membershipEvents } from '@paid-community/shared/model/topics.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { joinUpdate, openTracker, type JoinFields, type Tracker } from './open-tracker.ts';

const DAY_MS = 24 * 3_600_000;
/** The bots 1 (the default one) and 2 serve the community gold. */
export const BOT = 1;
export const CHAT = { id: -1002 };
/** The date of the first update, Unix seconds: the time of the clock. */
export const START = 1_767_225_600;
const BUYER_ID = 'user-2';
export const MEMBERSHIP = membershipIdOf('gold', { userId: BUYER_ID });
const RULES = { timeZone: 'UTC', disputeSuspends: false };

export interface MemberWorld extends Tracker {
  /** A purchase of a day, as link-worker and the handler of purchases leave it. */
  buy(number: number, options?: { readonly telegramUserId?: number }): Promise<void>;
  /** Only its link: join-tracker has not had the purchase yet. */
  makeLink(number: number, options?: { readonly telegramUserId?: number }): Promise<void>;
  /** The link of another person's purchase. */
  sellTo(
    userId: string,
    number: number,
    options?: { readonly telegramUserId?: number; readonly membershipId?: undefined },
  ): Promise<void>;
  grant(number: number, options?: { readonly telegramUserId?: number }): Promise<void>;
  membership(): Promise<Membership | undefined>;
  /** By `by`: the id of who did it, themselves unless said otherwise; by the default bot unless another one is named. */
  change(
    userId: number,
    from: string,
    to: string,
    at: number,
    options?: { readonly by?: number | undefined; readonly botId?: string; readonly link?: JoinFields['link'] },
  ): Promise<void>;
  joins(userId: number, link: number, at: number, botId?: string): Promise<void>;
  asks(userId: number, link: number | undefined, at: number, botId?: string): Promise<void>;
  /** Of the membership events that were published, each id once. */
  told(): string[];
  /** Names of the tasks that were queued, without times and numbers. */
  asked(): string[];
}

export const linkOf = (number: number): string => `https://t.me/+gold${number}`;
export const requestOf = (number: number): string => `${String(number).padStart(8, '0')}-89ab-8def-8123-456789abcdef`;

/** A community that wants memberships, and one buyer. */
export async function openMemberWorld(fields: Partial<ConnectedCommunity> = {}): Promise<MemberWorld> {
  const tracker = await openTracker();
  const { store } = tracker.backend;
  const gold = someCommunity({ chatId: String(CHAT.id), botIds: ['1', '2'], removal: 'on', ...fields });
  await store.commit([
    createDocument(storeOwners, 'telegram', { kind: 'real', account: String(BOT), place: '-1001' }),
    createDocument(communities, 'gold', gold),
  ]);
  const receive = async (update: object, botId?: string): Promise<void> => {
    const answer = await tracker.receive(update, tracker.handling(), botId);
    if (answer.status !== 200) throw new Error(`The update was answered with ${answer.status}`);
  };
  const change: MemberWorld['change'] = async (userId, from, to, at, { by, botId, link } = {}) => {
    const update = joinUpdate({ userId, chat: CHAT, date: at, link });
    const fact = update['chat_member'] as Record<string, object>;
    const changed = {
      ...fact,
      from: { id: by ?? userId },
      old_chat_member: { ...fact['old_chat_member'], status: from },
      new_chat_member: { ...fact['new_chat_member'], status: to },
    };
    await receive({ update_id: 1, chat_member: changed }, botId);
  };
  const ofPurchase = (number: number, userId = BUYER_ID) => ({
    communityId: 'gold',
    userId,
    transactionId: `txn-${number}`,
    membershipId: membershipIdOf('gold', { userId }),
  });
  const sellTo: MemberWorld['sellTo'] = async (userId, number, { telegramUserId, ...of } = {}) => {
    const createdAt = new Date(tracker.clock.now()).toISOString();
    const purchase = { ...ofPurchase(number, userId), ...of };
    const link = { ...purchase, requestId: requestOf(number), inviteLink: linkOf(number), createdAt };
    const request = {
      ...link,
      telegramUserId: telegramUserId === undefined ? undefined : String(telegramUserId),
      status: 'DONE',
      attempts: 1,
      updatedAt: createdAt,
      linkCreatedAt: createdAt,
      traceparent: '',
    } as const;
    await store.commit([
      createDocument(inviteLinks, inviteLinkId(link.inviteLink), link),
      createDocument(inviteRequests, link.requestId, request),
    ]);
  };
  const makeLink: MemberWorld['makeLink'] = (number, options) => sellTo(BUYER_ID, number, options);
  const grant: MemberWorld['grant'] = async (number, { telegramUserId } = {}) => {
    const nowMs = tracker.clock.now();
    const from = new Date(nowMs).toISOString();
    const endsAt = new Date(nowMs + DAY_MS).toISOString();
    const given: Grant = {
      ...ofPurchase(number),
      grantId: requestOf(number),
      kind: 'purchase',
      endsAt,
      from,
      createdAt: from,
    };
    await store.commit([createDocument(grants, given.grantId, given)]);
    const fold = foldGrants(await grantsOf(MEMBERSHIP, store), undefined, RULES);
    await changeDocument(store, memberships, MEMBERSHIP, (known = newMembership(given, nowMs)) => {
      const bound = telegramUserId === undefined ? known : accountBound(known, String(telegramUserId), nowMs);
      return { ...withFold(bound, fold, { what: 'bought' }, gold, nowMs), effects: [] };
    });
  };
  return {
    ...tracker,
    change,
    joins: (userId, link, at, botId) =>
      change(userId, 'left', 'member', at, {
        link: { invite_link: linkOf(link) },
        ...(botId === undefined ? {} : { botId }),
      }),
    asks: (userId, link, at, botId) =>
      receive(
        {
          update_id: 1,
          chat_join_request: {
            chat: CHAT,
            from: { id: userId },
            date: at,
            ...(link === undefined ? {} : { invite_link: { invite_link: linkOf(link), creates_join_request: true } }),
          },
        },
        botId,
      ),
    buy: async (number, options) => {
      await makeLink(number);
      await grant(number, options);
    },
    makeLink,
    sellTo,
    grant,
    membership: async () => (await store.get(memberships, MEMBERSHIP))?.data,
    told: () => [
      ...new Map(
        tracker.eventBus.eventsOn(membershipEvents).map(({ id, type }) => [String(id), String(type)] as const),
      ).values(),
    ],
    asked: () => tracker.taskQueue.tasks.map(({ payload }) => describeTask(payload)),
  };
}

function describeTask(payload: string): string {
  const { type, requestId, telegramUserId, approve, reason, because } = JSON.parse(payload) as Record<string, unknown>;
  const number = typeof requestId === 'string' ? String(Number(requestId.slice(0, 8))) : telegramUserId;
  const answer = approve === undefined ? '' : ` ${approve === true ? 'yes' : `no, ${String(reason)}`}`;
  const why = typeof because === 'string' && approve === undefined ? ` ${because}` : '';
  return `${String(type)} ${String(number)}${answer}${why}`;
}
