import type { StoreContents } from '@paid-community/shared/platform/backends/store-contents.ts';
import type { FirestoreImport } from '@paid-community/shared/platform/backends/gcp/firestore-import.ts';
import { chatMigrations } from '@paid-community/shared/model/communities/chat-migration.ts';
import { healthReports } from '@paid-community/shared/model/operations/health-report.ts';
import { storeOwners, type Side, type StoreOwner } from '@paid-community/shared/model/operations/store-owner.ts';
import { describeOwner, SIDES } from '@paid-community/shared/store-owner/claim.ts';

const ALL_SIDES = Object.keys(SIDES) as Side[];

type Owners = ReadonlyMap<Side, { readonly owner: StoreOwner; readonly otherPlaces: readonly (string | undefined)[] }>;

/** Who a store says that it is of; nobody where an older version has served it. */
export function ownersOf(contents: StoreContents): Owners {
  return new Map(
    ALL_SIDES.flatMap((side) => {
      const owner = contents.get(storeOwners, side);
      if (owner === undefined) return [];
      // A group that became a supergroup has two ids, and a public chat an id and a name.
      const chats = [
        contents.get(chatMigrations, owner.place ?? '')?.chatId,
        contents.get(healthReports, 'link-worker')?.facts['chatId'],
      ];
      return [[side, { owner, otherPlaces: side === 'telegram' ? chats : [] }] as const];
    }),
  );
}

/**
 * @throws Error when the other side works for somebody else, or the store for nobody real and the other side does: what
 * waits would go to the wrong people
 */
export async function checkOwners(here: Owners, target: FirestoreImport, isEmulated: boolean): Promise<void> {
  const found = await target.find(storeOwners, ALL_SIDES);
  for (const [side, { owner, otherPlaces }] of here) {
    const ours = describeOwner(side, owner);
    if (owner.kind === 'simulated' && !isEmulated)
      throw new Error(`Nothing was moved: this store is that of ${ours}, and what waits in it would become real`);
    const theirs = found.get(side)?.data as StoreOwner | undefined;
    if (theirs === undefined || isSame(side, owner, theirs, otherPlaces)) continue;
    throw new Error(
      `Nothing was moved: this store is that of ${ours}, and the other side is that of ${describeOwner(side, theirs)}. What waits would go to the other one`,
    );
  }
}

function isSame(
  side: Side,
  owner: StoreOwner,
  theirs: StoreOwner,
  otherPlaces: readonly (string | undefined)[],
): boolean {
  if (owner.kind !== theirs.kind) return false;
  if (owner.kind === 'simulated' || owner.account === undefined || theirs.account === undefined) return true;
  if (owner.account !== theirs.account) return false;
  // A licence has one data centre; its address may be written in other ways.
  return (
    side === 'webengage' ||
    owner.place === undefined ||
    owner.place === theirs.place ||
    otherPlaces.includes(theirs.place)
  );
}
