import type { ServiceName } from '@paid-community/shared/model/services.ts';
import type { Gcloud } from './gcloud.ts';

/** Fewer requests than this tell nothing about a share. */
const ENOUGH_REQUESTS = 20;

/** A canary may fail this much more often than the revision beside it before it is sent back. */
const TOLERATED_EXTRA_SHARE = 0.02;

/** As many entries as one look reads; a share of this many is as good as a share of all. */
const MAX_ENTRIES = 2_000;

export interface RevisionRequests {
  readonly requests: number;
  /** Answers of 500 and above. A push endpoint says 503 for "again", so a share is compared, not a number. */
  readonly failed: number;
  /** Containers that ended by themselves, or did not start. */
  readonly crashes: number;
}

/** What Cloud Run's own log says of a revision since `since`. */
export async function requestsOf(
  gcloud: Gcloud,
  service: ServiceName,
  revision: string,
  since: Date,
): Promise<RevisionRequests> {
  const filter = [
    'resource.type="cloud_run_revision"',
    `resource.labels.service_name="${service}"`,
    `resource.labels.revision_name="${revision}"`,
    `timestamp>="${since.toISOString()}"`,
    '(httpRequest.status>0 OR (logName:"varlog%2Fsystem" AND severity>=ERROR))',
  ].join(' AND ');
  const entries = JSON.parse(
    await gcloud('logging', 'read', filter, `--limit=${MAX_ENTRIES}`, '--format=json'),
  ) as readonly {
    readonly httpRequest?: { readonly status?: number };
  }[];
  const statuses = entries.flatMap((entry) =>
    entry.httpRequest?.status === undefined ? [] : [entry.httpRequest.status],
  );
  return {
    requests: statuses.length,
    failed: statuses.filter((status) => status >= 500).length,
    crashes: entries.length - statuses.length,
  };
}

/**
 * Why the canary must go back, or undefined. Beside a stable revision that fails as often (Telegram down, say) it is no
 * worse.
 */
export function whyUnhealthy(
  canary: RevisionRequests,
  stable: Pick<RevisionRequests, 'requests' | 'failed'>,
): string | undefined {
  if (canary.crashes > 0) return `its containers ended ${canary.crashes} times by themselves`;
  if (canary.requests < ENOUGH_REQUESTS) return undefined;
  const share = canary.failed / canary.requests;
  const tolerated = (stable.requests === 0 ? 0 : stable.failed / stable.requests) + TOLERATED_EXTRA_SHARE;
  if (share <= tolerated) return undefined;
  return `${canary.failed} of its ${canary.requests} requests failed (tolerated: ${(tolerated * 100).toFixed(1)} %, from ${stable.failed} of ${stable.requests} beside it)`;
}
