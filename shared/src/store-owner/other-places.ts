import type { ChatMigration } from '../model/communities/chat-migration.ts';
import type { HealthReport } from '../model/operations/health-report.ts';
import type { Claim } from './claim.ts';

/** What the store knows of the names of chats. */
export interface KnownChats {
  /** Where the recorded chat has moved. */
  readonly recordedMoved: ChatMigration | undefined;
  /** Where the claimed chat has moved. */
  readonly claimedMoved: ChatMigration | undefined;
  /** Of link-worker: its last look was at the recorded chat, for nobody has served another one since. */
  readonly report: HealthReport | undefined;
}

/**
 * Other names of the recorded chat: a group that became a supergroup has two ids, and a public chat an id and a name.
 */
export function otherPlacesOf(
  recorded: string | undefined,
  claim: Claim,
  { recordedMoved, claimedMoved, report }: KnownChats,
): readonly string[] {
  if (claim.side !== 'telegram' || recorded === undefined) return [];
  return [
    recordedMoved?.chatId,
    claimedMoved?.chatId === recorded ? claim.place : undefined,
    report?.facts['chatId'],
  ].filter((other) => other !== undefined);
}
