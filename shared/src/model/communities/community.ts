import type { Collection } from '../../platform/ports/topology-types.ts';

/** The community of what names none: there was only one when documents and events did not say which. */
export const DEFAULT_COMMUNITY = 'default';

/** What a caller may choose as the id of a community. */
export const COMMUNITY_ID_PATTERN = '^[a-z0-9-]{1,40}$';

/**
 * A chat to which access is sold, and how. The chat of `default` is that of the environment. A document of it exists
 * once an operator has changed its settings; it is `waiting` or `disconnected`, and holds no chat. See
 * default-community.ts.
 */
export type Community = WaitingCommunity | ConnectedCommunity | DisconnectedCommunity;

/** What an operator sets. Durations are ISO 8601: P1M, P30D, PT90S. */
export interface CommunitySettings {
  readonly name: string;
  /** How people get in: by a link for one person, or by a request that is approved. */
  readonly entry: 'link' | 'request';
  /** Whether people are removed when their time is over. dry_run: it is only said who would be. */
  readonly removal: 'off' | 'dry_run' | 'on';
  /** The bots that serve it, by their numeric ids. In the document of `default`, none means the bot of the settings. */
  readonly botIds: readonly string[];
  /** How long an unused link can be used. Absent: as LINK_TTL_HOURS says. */
  readonly linkTtl?: string | undefined;
  readonly grace?: string | undefined;
  readonly reminders?: readonly string[] | undefined;
  readonly revokeAfterJoin?: boolean | undefined;
  /** What happens to somebody else who comes by the link of a purchase; report by default. */
  readonly wrongPerson?: 'report' | 'remove' | undefined;
  /** Links to keep ready; 0: none. */
  readonly poolSize: number;
  /** IANA name. */
  readonly timeZone: string;
  readonly eraseAfter?: string | undefined;
}

interface AnyCommunity extends CommunitySettings {
  readonly communityId: string;
  readonly createdAt: string;
  /** Readers ask for what has changed since, so a change is never older than the one before. */
  readonly updatedAt: string;
}

/** Nobody has tapped its connection link yet; it takes no purchases. */
export interface WaitingCommunity extends AnyCommunity {
  readonly state: 'waiting';
  /** The chat in which its link was tapped last, and why that chat is not good enough yet. */
  readonly offer?: ChatOffer | undefined;
}

export interface ChatOffer {
  readonly chatId: string;
  readonly at: string;
  readonly faults: readonly string[];
}

export interface ConnectedCommunity extends AnyCommunity {
  readonly state: 'connected';
  /** The id of a supergroup or channel. Of `default`: as TELEGRAM_CHAT_ID has it, which may be an @name. */
  readonly chatId: string;
  readonly connectedAt: string;
}

/** It takes no purchases any more. What was sold keeps its meaning. */
export interface DisconnectedCommunity extends AnyCommunity {
  readonly state: 'disconnected';
  /** Absent when it was never connected. */
  readonly chatId?: string | undefined;
  readonly disconnectedAt: string;
}

/** Id: the communityId. */
export const communities: Collection<Community> = {
  name: 'communities',
  owner: 'intake-service',
  operatorWrites: false,
  keyedBy: 'communityId',
  personalFields: {},
  onErasure: { keep: 'is about the community' },
  indexes: [
    { where: [], orderBy: 'communityId' },
    { where: [], orderBy: 'updatedAt' },
  ],
};
