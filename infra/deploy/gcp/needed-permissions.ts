import { accountId } from './identities.ts';
import type { Target } from './permissions.ts';

// Which permission each call needs, and which permissions a role of Google's has. So tests hold without an account that
// each caller may make its calls. A test finds the calls in the source. Roles:
// https://docs.cloud.google.com/iam/docs/roles-permissions

export interface Need {
  readonly permission: string;
  readonly on: Target['kind'];
}

export interface NeedyCall {
  /**
   * A method of a client, with the file of shared/src/platform/backends/gcp that calls it; or a command line; or what
   * Google does by itself.
   */
  readonly call: string;
  readonly file?: string;
  /**
   * The source that leads to it, in a service that makes this call; all = each of them does; absent = a person does,
   * who moves a system there (`ops move`).
   */
  readonly madeBy?: RegExp | 'all';
  readonly needs: readonly Need[];
}

const need = (on: Target['kind'], ...permissions: readonly string[]): readonly Need[] =>
  permissions.map((permission) => ({ permission, on }));

/** Make a request or look at an answer, and ask nobody. */
export const LOCAL_METHODS: readonly string[] = [
  'collection',
  'doc',
  'where',
  'count',
  'orderBy',
  'limit',
  'startAfter',
  'documentId',
  'initialize',
];

export const CLIENT_CALLS: readonly NeedyCall[] = [
  {
    file: 'firestore-document-store.ts',
    call: 'commit',
    madeBy: 'all',
    needs: need('project', 'datastore.entities.create', 'datastore.entities.update', 'datastore.entities.delete'),
  },
  {
    file: 'firestore-document-store.ts',
    call: 'get',
    madeBy: 'all',
    needs: need('project', 'datastore.entities.get', 'datastore.entities.list'),
  },
  { file: 'pubsub-event-bus.ts', call: 'publish', madeBy: 'all', needs: need('topic', 'pubsub.topics.publish') },
  {
    file: 'pubsub-event-bus.ts',
    call: 'seek',
    madeBy: /\.seek\(/,
    needs: need('subscription', 'pubsub.subscriptions.consume'),
  },
  {
    file: 'pubsub-administration.ts',
    call: 'createSnapshot',
    madeBy: /\.createSnapshot\(/,
    needs: [...need('project', 'pubsub.snapshots.create'), ...need('subscription', 'pubsub.subscriptions.consume')],
  },
  {
    file: 'pubsub-administration.ts',
    call: 'listSnapshots',
    madeBy: /\.listSnapshots\(/,
    needs: need('project', 'pubsub.snapshots.list'),
  },
  {
    file: 'pubsub-administration.ts',
    call: 'deleteSnapshot',
    madeBy: /\.deleteSnapshot\(/,
    needs: need('project', 'pubsub.snapshots.delete'),
  },
  {
    file: 'pubsub-administration.ts',
    call: 'seek',
    madeBy: /\.seekToSnapshot\(|\.readRetained\(/,
    needs: [...need('project', 'pubsub.snapshots.seek'), ...need('subscription', 'pubsub.subscriptions.consume')],
  },
  {
    file: 'pubsub-administration.ts',
    call: 'pull',
    madeBy: /\.readRetained\(/,
    needs: need('subscription', 'pubsub.subscriptions.consume'),
  },
  {
    file: 'pubsub-administration.ts',
    call: 'acknowledge',
    madeBy: /\.readRetained\(/,
    needs: need('subscription', 'pubsub.subscriptions.consume'),
  },
  {
    file: 'cloud-tasks-queue.ts',
    call: 'createTask',
    madeBy: /taskQueue\.enqueue\(/,
    // The task names the account that signs its call.
    needs: [...need('queue', 'cloudtasks.tasks.create'), ...need('account', 'iam.serviceAccounts.actAs')],
  },
  {
    file: 'cloud-tasks-queue.ts',
    call: 'getQueue',
    madeBy: /queue\.describe\(/,
    needs: need('queue', 'cloudtasks.queues.get'),
  },
  {
    file: 'cloud-tasks-queue.ts',
    call: 'pauseQueue',
    madeBy: /queue\.pause\(/,
    needs: need('queue', 'cloudtasks.queues.pause'),
  },
  {
    file: 'cloud-tasks-queue.ts',
    call: 'resumeQueue',
    madeBy: /queue\.resume\(/,
    needs: need('queue', 'cloudtasks.queues.resume'),
  },
  {
    file: 'firestore-import.ts',
    call: 'batchWrite',
    needs: need('project', 'datastore.entities.create', 'datastore.entities.update'),
  },
  {
    file: 'firestore-import.ts',
    call: 'get',
    needs: need('project', 'datastore.entities.get', 'datastore.entities.list'),
  },
  { file: 'firestore-import.ts', call: 'getAll', needs: need('project', 'datastore.entities.get') },
  {
    file: 'missing-subscriptions.ts',
    call: 'getSubscription',
    needs: need('subscription', 'pubsub.subscriptions.get'),
  },
  {
    file: 'monitoring.ts',
    call: 'request',
    madeBy: /\.backlog\(|queue\.describe\(/,
    needs: need('project', 'monitoring.timeSeries.list'),
  },
];

/**
 * Of infra/deploy/delivery, by the deployer. What each asks is in gcloud's own source:
 * command_lib/run/serverless_operations.py, artifacts/docker_util.py.
 */
export const DELIVERY_COMMANDS: readonly NeedyCall[] = [
  { call: 'gcloud run services describe', needs: need('service', 'run.services.get') },
  { call: 'gcloud run revisions describe', needs: need('project', 'run.revisions.get') },
  {
    call: 'gcloud run deploy',
    needs: [
      ...need('service', 'run.services.get', 'run.services.update'),
      ...need('project', 'run.operations.get', 'run.revisions.get'),
      ...need('account', 'iam.serviceAccounts.actAs'),
      // Cloud Run asks whether the deployer of an image may read it.
      ...need('images', 'artifactregistry.repositories.downloadArtifacts'),
    ],
  },
  {
    call: 'gcloud run services update-traffic',
    needs: [
      ...need('service', 'run.services.get', 'run.services.update'),
      ...need('project', 'run.operations.get'),
      ...need('account', 'iam.serviceAccounts.actAs'),
    ],
  },
  { call: 'gcloud logging read', needs: need('project', 'logging.logEntries.list') },
  {
    call: 'gcloud artifacts docker tags list',
    needs: need('images', 'artifactregistry.repositories.get', 'artifactregistry.tags.list'),
  },
  {
    call: 'gcloud artifacts docker tags add',
    needs: need(
      'images',
      'artifactregistry.repositories.get',
      'artifactregistry.tags.get',
      'artifactregistry.tags.create',
      'artifactregistry.tags.delete',
    ),
  },
  { call: 'gcloud auth configure-docker', needs: [] },
  { call: 'docker build', needs: [] },
  {
    call: 'docker push',
    needs: need(
      'images',
      'artifactregistry.repositories.uploadArtifacts',
      'artifactregistry.repositories.downloadArtifacts',
      'artifactregistry.tags.create',
    ),
  },
];

/** What a deployer of another stack asks of this one's registry: it builds nothing. */
export const READER_COMMANDS: readonly string[] = [
  'gcloud run deploy',
  'gcloud artifacts docker tags list',
  'gcloud artifacts docker tags add',
];

/**
 * What Google does in the name of an account, without a line of this repository: key = who, as permissions.ts calls it,
 * or its beginning.
 */
export const GOOGLES_CALLS: Readonly<Record<string, readonly NeedyCall[]>> = {
  push: [{ call: 'Pub/Sub delivers to a service', needs: need('service', 'run.routes.invoke') }],
  tasks: [{ call: 'Cloud Tasks calls a service', needs: need('service', 'run.routes.invoke') }],
  'Pub/Sub': [
    {
      call: `Pub/Sub signs a delivery as ${accountId('push')}`,
      needs: need('account', 'iam.serviceAccounts.getOpenIdToken'),
    },
    {
      call: 'Pub/Sub moves a message to the dead letters',
      needs: [...need('topic', 'pubsub.topics.publish'), ...need('subscription', 'pubsub.subscriptions.consume')],
    },
  ],
  'Cloud Run of': [
    {
      call: 'Cloud Run starts an image of another project',
      needs: need('images', 'artifactregistry.repositories.downloadArtifacts'),
    },
  ],
  GitHub: [
    {
      call: `GitHub's workflow acts as ${accountId('deployer')}`,
      needs: need('account', 'iam.serviceAccounts.getAccessToken'),
    },
  ],
  deployer: [{ call: 'Cloud Build writes the log of a build', needs: need('project', 'logging.logEntries.create') }],
};

/** As each service. */
export const OF_STARTING: NeedyCall = {
  call: 'Cloud Run starts a service with its secrets',
  needs: need('secret', 'secretmanager.versions.access'),
};

/** Of what a role may, that which something here needs. */
export const ROLE_PERMISSIONS: Readonly<Record<`roles/${string}`, readonly string[]>> = {
  'roles/datastore.user': [
    'datastore.entities.create',
    'datastore.entities.delete',
    'datastore.entities.get',
    'datastore.entities.list',
    'datastore.entities.update',
  ],
  'roles/pubsub.publisher': ['pubsub.topics.publish'],
  'roles/pubsub.subscriber': ['pubsub.subscriptions.consume'],
  'roles/cloudtasks.enqueuer': ['cloudtasks.tasks.create'],
  'roles/iam.serviceAccountUser': ['iam.serviceAccounts.actAs'],
  'roles/iam.serviceAccountOpenIdTokenCreator': ['iam.serviceAccounts.getOpenIdToken'],
  'roles/iam.workloadIdentityUser': ['iam.serviceAccounts.getAccessToken'],
  'roles/secretmanager.secretAccessor': ['secretmanager.versions.access'],
  'roles/run.invoker': ['run.routes.invoke'],
  'roles/run.developer': ['run.services.get', 'run.services.update'],
  // Not artifactregistry.tags.delete: of Google's roles only repoAdmin has it.
  'roles/artifactregistry.writer': [
    'artifactregistry.repositories.downloadArtifacts',
    'artifactregistry.repositories.get',
    'artifactregistry.repositories.uploadArtifacts',
    'artifactregistry.tags.create',
    'artifactregistry.tags.get',
    'artifactregistry.tags.list',
  ],
  'roles/artifactregistry.reader': [
    'artifactregistry.repositories.downloadArtifacts',
    'artifactregistry.repositories.get',
    'artifactregistry.tags.get',
    'artifactregistry.tags.list',
  ],
  'roles/logging.viewer': ['logging.logEntries.list'],
  'roles/logging.logWriter': ['logging.logEntries.create'],
};
