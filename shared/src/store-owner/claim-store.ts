import type { StoreContents } from '../platform/backends/store-contents.ts';
import { ConfigError } from '../platform/config/settings.ts';
import { chatMigrations } from '../model/communities/chat-migration.ts';
import { healthReports } from '../model/operations/health-report.ts';
import { inviteRequests } from '../model/links/invite-request.ts';
import { storeOwners } from '../model/operations/store-owner.ts';
import { changeDocument } from '../platform/ports/conditional-writes.ts';
import type { DocumentStore } from '../platform/ports/document-store.ts';
import { inviteQueue } from '../model/queues.ts';
import { createdLinksForEventEmitter, joinedMembersForEventEmitter, purchasesForLinkWorker } from '../topology.ts';
import { describeOwner, ownerOf, type Claim } from './claim.ts';
import { deriveOwner } from './derive-owner.ts';
import { judgeClaim } from './judge-claim.ts';
import { otherPlacesOf } from './other-places.ts';

export interface StoreClaims {
  readonly claims: readonly Claim[];
  /** What they would be if both sides were simulated. */
  readonly simulated: Readonly<Record<Claim['side'], Claim>>;
  /** STORE_OWNER_CHANGE */
  readonly leaving: readonly string[];
}

export interface Judged {
  /** To be recorded before anything is delivered. */
  readonly taken: readonly Claim[];
  /** A sentence for each thing that a person should hear of. */
  readonly says: readonly string[];
}

/**
 * Whether a store that nobody serves yet may be served for these owners. @throws ConfigError when it is somebody
 * else's.
 */
export function judgeStore({ claims, simulated, leaving }: StoreClaims, contents: StoreContents): Judged {
  const judged = claims.map((claim) => {
    const stored = contents.get(storeOwners, claim.side);
    const recorded = stored ?? deriveOwner(claim, simulated, contents);
    const otherPlaces = otherPlacesOf(recorded?.place, claim, {
      recordedMoved: contents.get(chatMigrations, recorded?.place ?? ''),
      claimedMoved: contents.get(chatMigrations, claim.place),
      report: contents.get(healthReports, 'link-worker'),
    });
    return {
      claim,
      isNew: stored === undefined,
      verdict: judgeClaim(claim, { recorded, otherPlaces, waiting: waitingFor(claim, contents), leaving }),
    };
  });
  const problems = judged.flatMap(({ verdict }) =>
    verdict.kind === 'refused' ? [`${verdict.why}. ${verdict.advice}`] : [],
  );
  if (problems.length > 0) throw new ConfigError(problems);
  const isOld = contents.some(inviteRequests, 1).length > 0;
  const meant = judged.map(({ verdict }) => (verdict.kind === 'taken' ? verdict.meant : undefined));
  const idle = leaving.filter((name) => !meant.includes(name));
  return {
    taken: judged.filter(({ isNew, verdict }) => isNew || verdict.kind === 'taken').map(({ claim }) => claim),
    says: [
      ...judged.flatMap(({ claim, isNew, verdict }) => {
        if (verdict.kind === 'taken' && verdict.says !== undefined) return [verdict.says];
        return isNew && isOld
          ? [`The store did not say whose it is; from now on it is that of ${describeOwner(claim.side, claim)}`]
          : [];
      }),
      ...(idle.length === 0
        ? []
        : [`STORE_OWNER_CHANGE does nothing with ${idle.join(' and ')}, which this store is not that of: remove it`]),
    ],
  };
}

/** @throws RetryableError when the store did not confirm it. */
export async function recordOwners(taken: readonly Claim[], store: DocumentStore): Promise<void> {
  for (const claim of taken) await changeDocument(store, storeOwners, claim.side, () => ownerOf(claim));
}

function waitingFor({ side }: Claim, contents: StoreContents): number {
  if (side === 'telegram') return contents.undelivered(purchasesForLinkWorker) + contents.unfinished(inviteQueue);
  return contents.undelivered(createdLinksForEventEmitter) + contents.undelivered(joinedMembersForEventEmitter);
}
