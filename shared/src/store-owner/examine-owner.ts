import { chatMigrations } from '../model/communities/chat-migration.ts';
import { healthReports, type Finding } from '../model/operations/health-report.ts';
import { storeOwners } from '../model/operations/store-owner.ts';
import { changeDocument } from '../platform/ports/conditional-writes.ts';
import type { DocumentStore } from '../platform/ports/document-store.ts';
import { describeOwner, ownerOf, type Claim } from './claim.ts';
import { judgeClaim } from './judge-claim.ts';
import { otherPlacesOf } from './other-places.ts';

/** What a service is told of it. */
export interface ServedOwner {
  readonly claim: Claim;
  /** STORE_OWNER_CHANGE */
  readonly leaving: readonly string[];
}

/**
 * Whether the store is that of the side that this service serves; recorded when nobody has done so. A service by itself
 * does not wait for this before it works, so that its start stays short: it is told at the first check.
 * @throws ConflictError, RetryableError when the store did not confirm it: the check comes again.
 */
export async function examineOwner({ claim, leaving }: ServedOwner, store: DocumentStore): Promise<Finding> {
  const check = 'store_owner';
  const ok: Finding = { check, state: 'ok', meaning: `The store is that of ${describeOwner(claim.side, claim)}` };
  let finding = ok;
  await changeDocument(store, storeOwners, claim.side, async (recorded) => {
    const otherPlaces = await otherPlacesIn(store, recorded?.place, claim);
    const verdict = judgeClaim(claim, { recorded, otherPlaces, waiting: 0, leaving });
    finding =
      verdict.kind === 'refused' ? { check, state: 'failing', meaning: verdict.why, advice: verdict.advice } : ok;
    return verdict.kind === 'taken' ? ownerOf(claim) : undefined;
  });
  return finding;
}

async function otherPlacesIn(
  store: DocumentStore,
  recorded: string | undefined,
  claim: Claim,
): Promise<readonly string[]> {
  if (claim.side !== 'telegram' || recorded === undefined || recorded === claim.place) return [];
  const [recordedMoved, claimedMoved, report] = await Promise.all([
    store.get(chatMigrations, recorded),
    store.get(chatMigrations, claim.place),
    store.get(healthReports, 'link-worker'),
  ]);
  return otherPlacesOf(recorded, claim, {
    recordedMoved: recordedMoved?.data,
    claimedMoved: claimedMoved?.data,
    report: report?.data,
  });
}
