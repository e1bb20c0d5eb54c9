import { IAMCustomRole } from '@pulumi/gcp/projects/iamcustomRole.js';
import type { Context } from './context.ts';

/** Where every role of Google's own allows more than is used. The key is the id of the role. */
export const CUSTOM_ROLES = {
  queueOperator: {
    title: 'Looks at a queue, pauses and resumes it',
    // Google's cloudtasks.queueAdmin may also delete and purge it, and say who may.
    permissions: ['cloudtasks.queues.get', 'cloudtasks.queues.pause', 'cloudtasks.queues.resume'],
  },
  snapshotKeeper: {
    title: 'Makes, lists, uses and deletes snapshots of subscriptions',
    // Google's pubsub.editor may also change topics and subscriptions.
    permissions: [
      'pubsub.snapshots.create',
      'pubsub.snapshots.delete',
      'pubsub.snapshots.list',
      'pubsub.snapshots.seek',
    ],
  },
  revisionWatcher: {
    title: 'Follows a deploy to its end',
    // run.developer is on the services, and it is not said whether what gcloud asks beside them is under them: the
    // operation that it waits for (serverless_operations.py, WaitService) and a revision.
    permissions: ['run.operations.get', 'run.revisions.get'],
  },
  imageMarker: {
    title: 'Moves the tag of an image that serves',
    // `gcloud artifacts docker tags add` (docker_util.py, AddDockerTag) deletes a tag that is there and makes it anew,
    // and Google's artifactregistry.writer may make tags and not delete them. This deletes no image.
    permissions: [
      'artifactregistry.repositories.get',
      'artifactregistry.tags.create',
      'artifactregistry.tags.delete',
      'artifactregistry.tags.get',
    ],
  },
  backlogReader: {
    title: 'Reads time series of Cloud Monitoring',
    permissions: ['monitoring.timeSeries.list'],
  },
} as const;

export type CustomRole = keyof typeof CUSTOM_ROLES;

export function declareCustomRoles({ project, after }: Context): ReadonlyMap<CustomRole, IAMCustomRole> {
  return new Map(
    Object.entries(CUSTOM_ROLES).map(([roleId, { title, permissions }]) => [
      roleId as CustomRole,
      new IAMCustomRole(
        `role-${roleId}`,
        { project, roleId, title, permissions: [...permissions], stage: 'GA' },
        after('iam'),
      ),
    ]),
  );
}
