import { ConflictError } from '@paid-community/shared/platform/ports/errors.ts';
import { nextTaskOf, queuedAgain } from '@paid-community/shared/model/links/attempts.ts';
import type { HealthReport } from '@paid-community/shared/model/operations/health-report.ts';
import {
  documentOf,
  inviteRequestOf,
  inviteRequests,
  type InviteRequestDocument,
} from '@paid-community/shared/model/links/invite-request.ts';
import type { Examination } from '@paid-community/shared/health/answer-health-check.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import { explainError } from '@paid-community/shared/outside-errors/explain-error.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { changeDocument } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore, Snapshot } from '@paid-community/shared/platform/ports/document-store.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';

/** What an administrator mends, and a look at Telegram shows. */
const MENDABLE_CHECKS = ['bot_token', 'chat', 'bot_rights'];

const MOST_LOGGED = 20;
const PAGE = 100;
const AT_ONCE = 20;
/**
 * A health check has a deadline. A request that is not reached before it waits for its own backoff, an hour at most.
 */
export const RELEASE_WITHIN_MS = 5_000;

interface Deps {
  readonly store: DocumentStore;
  readonly taskQueue: TaskQueue;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Whether the default bot and its chat are well again, and were not at the look before. */
export function isMended(known: HealthReport | undefined, { findings }: Pick<Examination, 'findings'>): boolean {
  const wasFailing =
    known?.findings.some(
      ({ check, state, lastKnown }) => MENDABLE_CHECKS.includes(check) && (lastKnown ?? state) === 'failing',
    ) ?? false;
  return (
    wasFailing &&
    MENDABLE_CHECKS.every((check) =>
      findings.some((finding) => finding.check === check && (finding.state === 'ok' || finding.state === 'warning')),
    )
  );
}

/**
 * Gives the purchases of these communities that wait for what an administrator has mended their next attempt now: their
 * backoff may have grown to an hour.
 * @throws RetryableError when store or queue do not answer; it can be repeated.
 */
export async function releaseWaiting(communityIds: ReadonlySet<string>, deps: Deps): Promise<void> {
  const { store, clock, log } = deps;
  const until = clock.monotonicMs() + RELEASE_WITHIN_MS;
  const notDueYet = new Date(clock.now() + 1).toISOString();
  let released = 0;
  let cursor: string | undefined;
  do {
    const page = await store.query({
      collection: inviteRequests,
      where: { status: 'PROCESSING' },
      orderBy: { field: 'nextAttemptAt', direction: 'ascending', from: notDueYet },
      limit: PAGE,
      cursor,
    });
    const waiting = page.documents.filter(
      ({ data }) => communityIds.has(data.communityId) && waitsForAdministrator(data),
    );
    for (let index = 0; index < waiting.length && clock.monotonicMs() < until; index += AT_ONCE) {
      const outcomes = await Promise.all(waiting.slice(index, index + AT_ONCE).map((read) => release(read, deps)));
      released += outcomes.filter((isReleased) => isReleased).length;
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined && clock.monotonicMs() < until);
  log.info(
    { communityIds: [...communityIds].slice(0, MOST_LOGGED), released, all: cursor === undefined },
    'bot and chat are well again: purchases that waited for it are tried now',
  );
}

function waitsForAdministrator({ lastError }: InviteRequestDocument): boolean {
  return lastError !== undefined && explainError(lastError, 'createChatInviteLink')?.kind === 'administrator';
}

/** False when its attempt has come meanwhile, or an operator was there. */
async function release(read: Snapshot<InviteRequestDocument>, { store, taskQueue, clock }: Deps): Promise<boolean> {
  const request = inviteRequestOf(read.data);
  if (request.status !== 'PROCESSING') return false;
  const changed = queuedAgain(request, clock.now());
  try {
    await changeDocument(store, inviteRequests, read, () => documentOf(changed), { attempts: 1 });
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
  await taskQueue.enqueue(inviteQueue, nextTaskOf(changed));
  return true;
}
