import { namedKeyAuthentication } from '@paid-community/shared/http/authenticate.ts';
import type { Route } from '@paid-community/shared/http/route.ts';
import { fixHealth } from './fix-health.ts';
import { listDeadLetters } from './list-dead-letters.ts';
import { createBackup } from './create-backup.ts';
import { createSnapshot } from './create-snapshot.ts';
import { deleteSnapshot } from './delete-snapshot.ts';
import { listQueues } from './list-queues.ts';
import { listSnapshots } from './list-snapshots.ts';
import { mountOperation } from './mount-operation.ts';
import type { Operation, OperatorDeps } from './operation.ts';
import { pauseQueue } from './pause-queue.ts';
import { rebuildStore } from './rebuild-store.ts';
import { replaySubscription } from './replay-subscription.ts';
import { resumeQueue } from './resume-queue.ts';
import { showHealth } from './show-health.ts';

/** Everything an operator can do over HTTP. A line here, and `npm run openapi` writes it into openapi.json. */
export const operations: readonly Operation[] = [
  showHealth,
  fixHealth,
  listDeadLetters,
  replaySubscription,
  rebuildStore,
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
