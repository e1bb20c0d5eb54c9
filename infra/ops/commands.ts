import type { Command } from './command.ts';
import { archivePlan } from './commands/archive-plan.ts';
import { changeCommunity } from './commands/change-community.ts';
import { checkBackup } from './commands/check-backup.ts';
import { connectCommunity } from './commands/connect-community.ts';
import { createBackup } from './commands/create-backup.ts';
import { createPlan } from './commands/create-plan.ts';
import { createSnapshot } from './commands/create-snapshot.ts';
import { deleteSnapshot } from './commands/delete-snapshot.ts';
import { disconnectCommunity } from './commands/disconnect-community.ts';
import { discardDeadLetters } from './commands/discard-dead-letters.ts';
import { doctor } from './commands/doctor.ts';
import { erase } from './commands/erase.ts';
import { findRequests } from './commands/find-requests.ts';
import { listBots } from './commands/list-bots.ts';
import { listCandidates } from './commands/list-candidates.ts';
import { listCommunities } from './commands/list-communities.ts';
import { listDeadLetters } from './commands/list-dead-letters.ts';
import { listLinks } from './commands/list-links.ts';
import { listPlans } from './commands/list-plans.ts';
import { listQueues } from './commands/list-queues.ts';
import { listRequests } from './commands/list-requests.ts';
import { listSnapshots } from './commands/list-snapshots.ts';
import { makeLink } from './commands/make-link.ts';
import { importMemberships } from './commands/import-memberships.ts';
import { listMemberships } from './commands/list-memberships.ts';
import { listRemovals } from './commands/list-removals.ts';
import { releaseRemovals } from './commands/release-removals.ts';
import { findMemberships } from './commands/find-memberships.ts';
import { showMembership } from './commands/show-membership.ts';
import { extendMembership } from './commands/extend-membership.ts';
import { cancelMembership } from './commands/cancel-membership.ts';
import { revokeMembership } from './commands/revoke-membership.ts';
import { exemptMembership } from './commands/exempt-membership.ts';
import { moveMembership } from './commands/move-membership.ts';
import { move } from './commands/move.ts';
import { pauseQueue } from './commands/pause-queue.ts';
import { rebuild } from './commands/rebuild.ts';
import { reissueLink } from './commands/reissue-link.ts';
import { replay } from './commands/replay.ts';
import { requeueRequests } from './commands/requeue-requests.ts';
import { restoreBackup } from './commands/restore-backup.ts';
import { revokeLink } from './commands/revoke-link.ts';
import { resumeQueue } from './commands/resume-queue.ts';
import { retryDeadLetters } from './commands/retry-dead-letters.ts';
import { retryRequests } from './commands/retry-requests.ts';
import { showCommunity } from './commands/show-community.ts';
import { sendTestMessage } from './commands/send-test-message.ts';
import { showDeadLetter } from './commands/show-dead-letter.ts';
import { showPerson } from './commands/show-person.ts';
import { showTimeline } from './commands/show-timeline.ts';
import { tryMembership } from './commands/try-membership.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  doctor,
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
  replay,
  rebuild,
  erase,
  createSnapshot,
  listSnapshots,
  deleteSnapshot,
  listQueues,
  pauseQueue,
  resumeQueue,
  listCommunities,
  listCandidates,
  showCommunity,
  connectCommunity,
  changeCommunity,
  disconnectCommunity,
  listBots,
  makeLink,
  listLinks,
  revokeLink,
  sendTestMessage,
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
  createBackup,
  checkBackup,
  restoreBackup,
  move,
];
