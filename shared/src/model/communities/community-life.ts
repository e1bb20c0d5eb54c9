import type {
  ChatOffer,
  Community,
  CommunitySettings,
  ConnectedCommunity,
  DisconnectedCommunity,
  WaitingCommunity,
} from './community.ts';
import type { CommunityChatClaim } from './community-chat.ts';

// The life of a community, by pure functions: waiting → connected → disconnected, and connected again. `at` is the time
// of the change, see changeTime.

/** Undefined: as it was; null: taken back, where a setting may be absent. */
export type SettingChanges = {
  readonly [Field in keyof CommunitySettings]?:
    CommunitySettings[Field] | undefined | (undefined extends CommunitySettings[Field] ? null : never);
};

/** A change is never older than the newest one there is: readers ask for what has changed since. */
export function changeTime(nowMs: number, newest: string | undefined): string {
  const now = new Date(nowMs).toISOString();
  return newest !== undefined && newest > now ? newest : now;
}

/**
 * A community whose link nobody has tapped yet; one that was disconnected keeps its history. Also the document of
 * `default`, whose chat is that of the environment.
 */
export function waiting(
  communityId: string,
  settings: CommunitySettings,
  known: WaitingCommunity | DisconnectedCommunity | undefined,
  at: string,
): WaitingCommunity {
  return {
    ...settingsOf(settings),
    communityId,
    state: 'waiting',
    createdAt: known?.createdAt ?? at,
    updatedAt: at,
  };
}

/** Its chat is to be claimed in the same commit. */
export function connected(
  communityId: string,
  settings: CommunitySettings,
  chatId: string,
  known: WaitingCommunity | DisconnectedCommunity | undefined,
  at: string,
): ConnectedCommunity {
  return { ...waiting(communityId, settings, known, at), state: 'connected', chatId, connectedAt: at };
}

/** Its link was tapped in a chat that is not good enough yet: an operator reads why. */
export function offered(community: WaitingCommunity, offer: Omit<ChatOffer, 'at'>, at: string): WaitingCommunity {
  return { ...community, offer: { ...offer, at }, updatedAt: at };
}

/** The claim of its chat is to be given up in the same commit. */
export function disconnected(community: WaitingCommunity | ConnectedCommunity, at: string): DisconnectedCommunity {
  return { ...community, state: 'disconnected', disconnectedAt: at, updatedAt: at };
}

/** In any state. A field that is not named stays. */
export function changed(community: Community, changes: SettingChanges, at: string): Community {
  return { ...community, ...settingsOf({ ...settingsOf(community), ...named(changes) }), updatedAt: at };
}

/** The group became a supergroup: the same chat under another id, which is to be claimed in the same commit. */
export function chatMoved(community: ConnectedCommunity, chatId: string, at: string): ConnectedCommunity {
  return { ...community, chatId, updatedAt: at };
}

export function claimOf(communityId: string, at: string): CommunityChatClaim {
  return { communityId, claimedAt: at };
}

/** Nothing but the settings. */
export function settingsOf(from: CommunitySettings): CommunitySettings {
  const { name, entry, removal, botIds, linkTtl, grace, reminders, revokeAfterJoin } = from;
  const { wrongPerson, poolSize, timeZone, eraseAfter } = from;
  return {
    name,
    entry,
    removal,
    botIds,
    linkTtl,
    grace,
    reminders,
    revokeAfterJoin,
    wrongPerson,
    poolSize,
    timeZone,
    eraseAfter,
  };
}

function named(changes: SettingChanges): Partial<CommunitySettings> {
  return Object.fromEntries(
    Object.entries(changes)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [field, value ?? undefined]),
  );
}
