import { statfs } from 'node:fs/promises';
import type { Administration } from '@paid-community/shared/platform/backends/backend.ts';
import { errorMessage } from '@paid-community/shared/platform/ports/errors.ts';
import { deadLetters, type DeadLetter } from '@paid-community/shared/model/operations/dead-letter.ts';
import { inviteRequests, type InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { healthChecks } from '@paid-community/shared/model/topics.ts';
import { topology } from '@paid-community/shared/topology.ts';
import {
  backendFinding,
  backlogFinding,
  clockFinding,
  deadLettersFinding,
  diskFinding,
  queueCheck,
  queueFinding,
  waitingFinding,
} from './own-findings.ts';

export interface ExamineOwnDeps {
  readonly administration: Administration;
  readonly store: DocumentStore;
  /** @throws when the backend does not answer. */
  readonly checkReady: () => Promise<void>;
  /** Folder of the database; undefined where there is none. */
  readonly dataDir: string | undefined;
  readonly clock: Clock;
}

/** Longer than a backend that is well takes, and shorter than somebody wants to wait. */
const PATIENCE_MS = 5_000;

const LOOKED_AT = 100;

/**
 * What intake-service sees by itself: the backend, what waits in it, and the disk below. What does not answer is a
 * finding, not an error.
 */
export async function examineOwn(deps: ExamineOwnDeps): Promise<readonly Finding[]> {
  const { administration, store, checkReady, dataDir, clock } = deps;
  const subscriptions = topology.subscriptions.filter(({ topic }) => topic !== healthChecks);
  const looks: Promise<Finding>[] = [
    // Only this one is failing when it does not answer: it says for all of them why.
    look('backend', () => checkReady().then(() => backendFinding(undefined)), clock).then((finding) =>
      finding.state === 'unknown' ? backendFinding(finding.meaning) : finding,
    ),
    ...topology.queues.map((queue) =>
      look(queueCheck(queue), async () => queueFinding(queue, await administration.queue.describe(queue)), clock),
    ),
    ...subscriptions.map((subscription) =>
      look(
        `backlog ${subscription.name}`,
        async () => backlogFinding(subscription, await administration.bus.backlog(subscription), clock.now()),
        clock,
      ),
    ),
    look('purchases_waiting', async () => waitingFinding(await firstWaiting(store), LOOKED_AT), clock),
    look(
      'dead_letters',
      async () => deadLettersFinding(await countLetters('open', store), await countLetters('retrying', store)),
      clock,
    ),
  ];
  const { clock: machineClock } = administration;
  if (machineClock !== undefined)
    looks.push(look('clock', () => Promise.resolve(clockFinding(machineClock.report(), clock.now())), clock));
  if (dataDir !== undefined) {
    looks.push(
      look(
        'disk',
        async () => {
          const { bavail, bsize } = await statfs(dataDir);
          return diskFinding(bavail * bsize, dataDir);
        },
        clock,
      ),
    );
  }
  return Promise.all(looks);
}

/** Those whose next attempt comes first; what fails for all alike shows in a hundred as well. */
async function firstWaiting(store: DocumentStore): Promise<readonly InviteRequestDocument[]> {
  const { documents } = await store.query({
    collection: inviteRequests,
    where: { status: 'PROCESSING' },
    orderBy: { field: 'nextAttemptAt', direction: 'ascending' },
    limit: LOOKED_AT,
  });
  return documents.map(({ data }) => data);
}

async function look(check: string, see: () => Promise<Finding>, clock: Clock): Promise<Finding> {
  const enough = new AbortController();
  const tired = clock
    .sleep(PATIENCE_MS, enough.signal)
    .then((): Finding => ({ check, state: 'unknown', meaning: `No answer within ${PATIENCE_MS / 1_000} s` }));
  try {
    return await Promise.race([see(), tired]);
  } catch (error) {
    return { check, state: 'unknown', meaning: `It could not be looked at: ${errorMessage(error)}` };
  } finally {
    enough.abort();
  }
}

function countLetters(status: DeadLetter['status'], store: DocumentStore): Promise<number> {
  return store.count({ collection: deadLetters, where: { status } });
}
