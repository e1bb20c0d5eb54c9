import { formatFields } from '../table.ts';

/** As the OpenAPI file has it. */
export interface Community {
  readonly communityId: string;
  readonly name: string;
  readonly state: string;
  readonly chatId?: string;
  readonly entry: string;
  readonly removal: string;
  readonly botIds: readonly string[];
  readonly linkTtl?: string;
  readonly grace?: string;
  readonly reminders?: readonly string[];
  readonly revokeAfterJoin?: boolean;
  readonly wrongPerson?: string;
  readonly poolSize: number;
  readonly timeZone: string;
  readonly eraseAfter?: string;
  readonly offer?: { readonly chatId: string; readonly at: string; readonly faults: readonly string[] };
  readonly connectedAt?: string;
  readonly updatedAt?: string;
  readonly disconnectedAt?: string;
}

export interface Chat {
  readonly title?: string;
  readonly kind?: string;
  readonly memberCount?: number;
  readonly bots: readonly {
    readonly botId: string;
    readonly username?: string;
    readonly status: string;
    readonly mayInvite: boolean;
    readonly mayRestrict: boolean;
  }[];
  readonly faults: readonly string[];
  readonly checkedAt: string;
}

export interface Work {
  readonly linksToday: number;
  readonly poolLinks: number;
  readonly queued: number;
}

export function describeWork({ linksToday, poolLinks, queued }: Work): Readonly<Record<string, number>> {
  return { 'links today': linksToday, 'in the pool': poolLinks, 'without a link yet': queued };
}

export function describeCommunity(community: Community): string {
  const { communityId, name, state, chatId, entry, removal, botIds, poolSize, timeZone } = community;
  return formatFields({
    community: communityId,
    name,
    state,
    chat: chatId,
    bots: botIds.join(', '),
    entry,
    removal,
    'link TTL': community.linkTtl ?? 'as LINK_TTL_HOURS',
    grace: community.grace,
    reminders: community.reminders?.join(', '),
    'revoke after join': community.revokeAfterJoin,
    'wrong person': community.wrongPerson,
    'pool size': poolSize,
    'time zone': timeZone,
    'erase after': community.eraseAfter,
    connected: community.connectedAt,
    changed: community.updatedAt,
    disconnected: community.disconnectedAt,
    'offered chat': community.offer === undefined ? undefined : `${community.offer.chatId}, at ${community.offer.at}`,
    'is not good enough': community.offer?.faults.join('; '),
  });
}
