import { performance } from 'node:perf_hooks';
import { membershipWork } from '@paid-community/join-tracker/memberships/membership-work.ts';
import { tickHandlers } from '@paid-community/join-tracker/ticks/tick-handlers.ts';
import { communities } from '@paid-community/shared/model/communities/community.ts';
import { someCommunity } from '@paid-community/shared/model/communities/testing/some-community.ts';
import { applied, appliedSettings, settingsText } from '@paid-community/shared/model/memberships/applied-settings.ts';
import { memberships } from '@paid-community/shared/model/memberships/membership.ts';
import { MembershipTick } from '@paid-community/shared/model/memberships/membership-tick.ts';
import { boughtMembership } from '@paid-community/shared/model/memberships/testing/bought-membership.ts';
import { openEmbeddedBackend } from '@paid-community/shared/platform/backends/embedded/open-embedded-backend.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { createIfAbsent } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { answerParent } from './answer-parent.ts';

export type MembershipsJob =
  /** So many people who bought then; `period` is what they bought. */
  | {
      readonly kind: 'fill';
      readonly dataDir: string;
      readonly name: string;
      readonly count: number;
      readonly boughtAtMs: number;
      readonly period: string;
    }
  /** Ticks, one after the other: how long each takes, in milliseconds. */
  | { readonly kind: 'tick'; readonly dataDir: string; readonly ticks: number };

const IN_ONE_COMMIT = 500;
/** Removals go through the breaker, which holds so many at once. */
const COMMUNITY = someCommunity({ removal: 'on', reminders: ['P3D'], grace: 'P1D' });

answerParent(async (job: MembershipsJob): Promise<readonly number[]> => {
  const log = createLogger({ level: 'error', secrets: [] });
  const backend = openEmbeddedBackend({ dataDir: job.dataDir, topology, clock: systemClock, log });
  try {
    return job.kind === 'fill' ? await fill(job) : await tick(job.ticks);
  } finally {
    await backend.close();
  }

  async function fill({ name, count, boughtAtMs, period }: MembershipsJob & { kind: 'fill' }): Promise<number[]> {
    const { communityId } = COMMUNITY;
    await createIfAbsent(backend.store, communities, communityId, COMMUNITY);
    // Its memberships follow its settings: a first tick does not look at all of them.
    const followed = applied(communityId, settingsText(COMMUNITY), undefined, boughtAtMs);
    await createIfAbsent(backend.store, appliedSettings, communityId, followed);
    for (let first = 0; first < count; first += IN_ONE_COMMIT) {
      const size = Math.min(IN_ONE_COMMIT, count - first);
      const bought = Array.from({ length: size }, (_, each) =>
        boughtMembership({ communityId, userId: `${name}-${first + each}`, period }, COMMUNITY, boughtAtMs),
      );
      await backend.store.commit(bought.map((each) => createDocument(memberships, each.membershipId, each)));
    }
    return [];
  }

  async function tick(ticks: number): Promise<number[]> {
    const config = {
      REMOVAL_BREAKER_PERCENT: 5,
      REMOVAL_BREAKER_LEAST: 10,
      DISPUTE_SUSPENDS: 'false',
      RETENTION_DAYS: 400,
    } as const;
    const [handler] = tickHandlers(membershipWork(config, { ...backend, clock: systemClock, log }));
    const took: number[] = [];
    for (let each = 0; each < ticks; each += 1) {
      const startedAt = performance.now();
      await handler?.handle({
        ...MembershipTick.message,
        messageId: String(each),
        publishTime: new Date(),
        deliveryAttempt: 1,
      });
      took.push(performance.now() - startedAt);
    }
    return took;
  }
});
