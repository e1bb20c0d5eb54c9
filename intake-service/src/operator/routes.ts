import { namedKeyAuthentication } from '@paid-community/shared/http/authenticate.ts';
import type { Route } from '@paid-community/shared/http/route.ts';
import { createBackup } from './create-backup.ts';
import { createSnapshot } from './create-snapshot.ts';
import { deleteSnapshot } from './delete-snapshot.ts';
import { discardDeadLetters } from './discard-dead-letters.ts';
import { erasePerson } from './erase-person.ts';
import { findRequests } from './find-requests.ts';
import { fixHealth } from './fix-health.ts';
import { listDeadLetters } from './list-dead-letters.ts';
import { listQueues } from './list-queues.ts';
import { listRequests } from './list-requests.ts';
import { listSnapshots } from './list-snapshots.ts';
import { mountOperation } from './mount-operation.ts';
import type { Operation, OperatorDeps } from './operation.ts';
import { pauseQueue } from './pause-queue.ts';
import { rebuildStore } from './rebuild-store.ts';
import { reissueLink } from './reissue-link.ts';
import { replaySubscription } from './replay-subscription.ts';
import { requeueRequests } from './requeue-requests.ts';
import { resumeQueue } from './resume-queue.ts';
import { retryDeadLetters } from './retry-dead-letters.ts';
import { retryRequests } from './retry-requests.ts';
import { showDeadLetter } from './show-dead-letter.ts';
import { showHealth } from './show-health.ts';
import { showTimeline } from './show-timeline.ts';

/** Everything an operator can do over HTTP. A line here, and `npm run openapi` writes it into openapi.json. */
export const operations: readonly Operation[] = [
  showHealth,
  fixHealth,
  showTimeline,
  findRequests,
  listRequests,
  retryRequests,
  requeueRequests,
  reissueLink,
  listDeadLetters,
  showDeadLetter,
  retryDeadLetters,
  discardDeadLetters,
  replaySubscription,
  rebuildStore,
  erasePerson,
  createSnapshot,
  listSnapshots,
  deleteSnapshot,
  listQueues,
  pauseQueue,
  resumeQueue,
  createBackup,
];

/** `keys` are `name:key`; the name is what the log says. */
export function operatorRoutes(keys: readonly string[], deps: OperatorDeps): readonly Route[] {
  const authenticate = namedKeyAuthentication(keys);
  return operations.map((operation) => mountOperation(operation, authenticate, deps));
}
