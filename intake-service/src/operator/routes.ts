import { mountEndpoint } from '@paid-community/shared/platform/http/endpoint.ts';
import { namedKeyAuthentication } from '@paid-community/shared/platform/http/authenticate.ts';
import type { Route } from '@paid-community/shared/platform/http/route.ts';
import { archivePlan } from './plans/archive-plan.ts';
import { changeCommunity } from './communities/change-community.ts';
import { connectCommunity } from './communities/connect-community.ts';
import { createBackup } from './backups/create-backup.ts';
import { createPlan } from './plans/create-plan.ts';
import { createSnapshot } from './replay/create-snapshot.ts';
import { deleteSnapshot } from './replay/delete-snapshot.ts';
import { discardDeadLetters } from './dead-letters/discard-dead-letters.ts';
import { disconnectCommunity } from './communities/disconnect-community.ts';
import { erasePerson } from './people/erase-person.ts';
import { findRequests } from './requests/find-requests.ts';
import { fixHealth } from './health/fix-health.ts';
import { listBots } from './bots/list-bots.ts';
import { listCandidates } from './communities/list-candidates.ts';
import { listCommunities } from './communities/list-communities.ts';
import { listDeadLetters } from './dead-letters/list-dead-letters.ts';
import { listLinks } from './communities/links/list-links.ts';
import { listPlans } from './plans/list-plans.ts';
import { listQueues } from './queues/list-queues.ts';
import { listRequests } from './requests/list-requests.ts';
import { listSnapshots } from './replay/list-snapshots.ts';
import { makeLink } from './communities/links/make-link.ts';
import { cancelMembership } from './memberships/cancel-membership.ts';
import { exemptMembership } from './memberships/exempt-membership.ts';
import { extendMembership } from './memberships/extend-membership.ts';
import { findMemberships } from './memberships/find-memberships.ts';
import { importMemberships } from './memberships/import/import-memberships.ts';
import { listMemberships } from './memberships/list-memberships.ts';
import { moveMembership } from './memberships/move-membership.ts';
import { revokeMembership } from './memberships/revoke-membership.ts';
import { showMembership } from './memberships/show-membership.ts';
import { listRemovals } from './removals/list-removals.ts';
import { releaseRemovals } from './removals/release-removals.ts';
import type { Operation, OperatorDeps } from './http/operation.ts';
import { pauseQueue } from './queues/pause-queue.ts';
import { rebuildStore } from './replay/rebuild-store.ts';
import { reissueLink } from './requests/reissue-link.ts';
import { replaySubscription } from './replay/replay-subscription.ts';
import { requeueRequests } from './requests/requeue-requests.ts';
import { revokeLink } from './communities/links/revoke-link.ts';
import { resumeQueue } from './queues/resume-queue.ts';
import { retryDeadLetters } from './dead-letters/retry-dead-letters.ts';
import { retryRequests } from './requests/retry-requests.ts';
import { showCommunity } from './communities/show-community.ts';
import { tryMembership } from './memberships/try-membership.ts';
import { testMessage } from './communities/send-test-message.ts';
import { showDeadLetter } from './dead-letters/show-dead-letter.ts';
import { showHealth } from './health/show-health.ts';
import { showPerson } from './people/show-person.ts';
import { showTimeline } from './requests/show-timeline.ts';

/** Everything an operator can do over HTTP. A line here, and `npm run openapi` writes it into openapi.json. */
export const operations: readonly Operation[] = [
  showHealth,
  fixHealth,
  showTimeline,
  showPerson,
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
  listCommunities,
  listCandidates,
  showCommunity,
  connectCommunity,
  changeCommunity,
  disconnectCommunity,
  makeLink,
  listLinks,
  revokeLink,
  testMessage,
  listBots,
  listPlans,
  createPlan,
  archivePlan,
  listMemberships,
  findMemberships,
  showMembership,
  extendMembership,
  cancelMembership,
  revokeMembership,
  exemptMembership,
  moveMembership,
  importMemberships,
  listRemovals,
  releaseRemovals,
  tryMembership,
];

/** `keys` are `name:key`; the name is what the log says. */
export function operatorRoutes(keys: readonly string[], deps: OperatorDeps): readonly Route[] {
  const authenticate = namedKeyAuthentication(keys);
  return operations.map((operation) => mountEndpoint(operation, deps, authenticate));
}
