import { chatMigrations } from '../model/communities/chat-migration.ts';
import { healthReports, type Finding } from '../model/operations/health-report.ts';
import { storeOwners } from '../model/operations/store-owner.ts';
import type { DocumentStore } from '../platform/ports/document-store.ts';
import { describeOwner, type Claim } from './claim.ts';
import { judgeClaim } from './judge-claim.ts';
import { otherPlacesOf } from './other-places.ts';
import { recordOwner } from './record-owner.ts';

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
  const read = await store.get(storeOwners, claim.side);
  const otherPlaces = await otherPlacesIn(store, read?.data.place, claim);
  const verdict = judgeClaim(claim, { recorded: read?.data, otherPlaces, waiting: 0, leaving });
  if (verdict.kind === 'refused') return { check, state: 'failing', meaning: verdict.why, advice: verdict.advice };
  if (verdict.kind === 'taken') await recordOwner(claim, read, store);
  return { check, state: 'ok', meaning: `The store is that of ${describeOwner(claim.side, claim)}` };
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
