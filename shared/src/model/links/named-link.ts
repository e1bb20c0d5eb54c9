import type { Query } from '../../platform/ports/document-store.ts';
import type { Collection } from '../../platform/ports/topology-types.ts';
import { expiryOf } from '../retention.ts';
import { inviteLinkId } from './invite-link.ts';

/**
 * A link that an operator made by hand. A bot cannot list its links at Telegram, so these documents are the list. One
 * is written before Telegram is asked.
 */
export type NamedLink = UnconfirmedNamedLink | MadeNamedLink | RevokedNamedLink;

/** What an operator asked for. */
export interface WantedLink {
  readonly communityId: string;
  /** The bot that makes it: no other one can revoke it. */
  readonly botId: string;
  /** As the administrators of the chat see it. */
  readonly name: string;
  /** How many may be in the chat through it at the same time; absent: any number. */
  readonly memberLimit?: number | undefined;
  /** Nobody joins through it from then on; absent: it has no end. */
  readonly linkExpiresAt?: string | undefined;
  /** Name of the operator's key. */
  readonly madeBy: string;
}

interface AnyNamedLink extends WantedLink {
  readonly askedAt: string;
  /** See model/retention.ts. A link without an end has none, either. */
  readonly expiresAt?: string | undefined;
}

/** Telegram was asked, and its answer is not recorded: a link of this name may exist, and nobody has it. */
export interface UnconfirmedNamedLink extends AnyNamedLink {
  readonly state: 'unconfirmed';
}

export interface MadeNamedLink extends AnyNamedLink {
  readonly state: 'made';
  /** Chat in which it was made; absent: an older version did not record it. */
  readonly telegramChatId?: string | undefined;
  readonly inviteLink: string;
  /** `inviteLinkId(inviteLink)`, by which a join finds it. */
  readonly inviteLinkHash: string;
}

export interface RevokedNamedLink extends AnyNamedLink {
  readonly state: 'revoked';
  readonly telegramChatId?: string | undefined;
  readonly inviteLink: string;
  readonly inviteLinkHash: string;
  readonly revokedAt: string;
  readonly revokedBy: string;
}

/** Id: the askId of the question that asked for it. */
export const namedLinks: Collection<NamedLink> = {
  name: 'named_links',
  owner: 'link-worker',
  operatorWrites: false,
  keyedBy: 'askId',
  personalFields: {},
  onErasure: { keep: 'is about the community: nobody bought it' },
  indexes: [
    { where: ['communityId'], orderBy: 'askedAt' },
    { where: ['inviteLinkHash'], orderBy: 'askedAt' },
  ],
  ttlField: 'expiresAt',
};

/** The one with this link, or none. */
export function byInviteLink(inviteLink: string): Query<NamedLink> {
  return {
    collection: namedLinks,
    where: { inviteLinkHash: inviteLinkId(inviteLink) },
    orderBy: { field: 'askedAt', direction: 'descending' },
    limit: 1,
  };
}

export function linkAskedFor(wanted: WantedLink, now: number, retentionDays: number): UnconfirmedNamedLink {
  return {
    ...wanted,
    state: 'unconfirmed',
    askedAt: new Date(now).toISOString(),
    expiresAt: expiryOf(now, retentionDays),
  };
}

/** Telegram made it. */
export function linkConfirmed(
  asked: UnconfirmedNamedLink,
  { inviteLink, chatId }: { readonly inviteLink: string; readonly chatId: string },
  retentionDays: number,
): MadeNamedLink {
  const { linkExpiresAt } = asked;
  return {
    ...asked,
    state: 'made',
    telegramChatId: chatId,
    inviteLink,
    inviteLinkHash: inviteLinkId(inviteLink),
    expiresAt: linkExpiresAt === undefined ? undefined : expiryOf(linkExpiresAt, retentionDays),
  };
}

export function linkRevoked(
  made: MadeNamedLink,
  { revokedBy, now }: { readonly revokedBy: string; readonly now: number },
  retentionDays: number,
): RevokedNamedLink {
  return {
    ...made,
    state: 'revoked',
    revokedAt: new Date(now).toISOString(),
    revokedBy,
    expiresAt: expiryOf(now, retentionDays),
  };
}
