import type { CommunitySettings } from '../communities/community.ts';
import type { Collection } from '../../platform/ports/topology-types.ts';

/**
 * Which settings of a community its memberships follow. What is due of a membership is worked out when it changes, so
 * other settings reach it by a walk through all memberships of the community.
 */
export interface AppliedSettings {
  readonly communityId: string;
  /** `settingsText` of them. */
  readonly settings: string;
  /** The walk is under way, and has come to this membership; absent: all memberships follow them. */
  readonly walkedTo?: string | undefined;
  readonly updatedAt: string;
}

/** Id: the communityId. */
export const appliedSettings: Collection<AppliedSettings> = {
  name: 'applied_settings',
  owner: 'join-tracker',
  operatorWrites: false,
  keyedBy: 'communityId',
  personalFields: {},
  onErasure: { keep: 'is about the community' },
  indexes: [],
};

/** Those that say what is due when; the same text for the same settings. */
export function settingsText(settings: CommunitySettings): string {
  const { timeZone, grace, reminders, removal, eraseAfter } = settings;
  return JSON.stringify({ timeZone, grace, reminders, removal, eraseAfter });
}

/** @param walkedTo - Undefined: the walk is over. */
export function applied(
  communityId: string,
  settings: string,
  walkedTo: string | undefined,
  nowMs: number,
): AppliedSettings {
  return { communityId, settings, walkedTo, updatedAt: new Date(nowMs).toISOString() };
}
