import { approvalQueue, memberQueue, operatorQueue } from '@paid-community/shared/model/queues.ts';
import {
  communityEvents,
  deadLetterTopic,
  healthChecks,
  linkCreatedEvents,
  memberJoinedEvents,
  membershipEvents,
  purchaseEvents,
} from '@paid-community/shared/model/topics.ts';
import {
  eventEmitter,
  intakeService,
  joinTracker,
  linkWorker,
  PUBLIC_SERVICES,
  SERVICES,
  topology,
} from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import type { Queue, Topic } from '@paid-community/shared/platform/ports/topology-types.ts';
import type { StackConfig } from './config.ts';
import type { CustomRole } from './custom-roles.ts';
import type { AccountName } from './identities.ts';
import { mountedSecrets } from './secrets.ts';
import { serviceVariables } from './service-variables.ts';

// Who may do what, and why: the only place where a role is given. grants.ts binds each line; the table in README.md is
// made of it.

export type Grantee = AccountName | 'Pub/Sub' | 'GitHub' | `Cloud Run of ${string}` | `deployer of ${string}`;

export type Target =
  | { readonly kind: 'topic' | 'subscription' | 'queue' | 'secret'; readonly name: string }
  | { readonly kind: 'service'; readonly name: ServiceName }
  | { readonly kind: 'account'; readonly name: AccountName }
  | { readonly kind: 'images' | 'project' };

export interface Permission {
  readonly who: Grantee;
  /** Google's own, or one of custom-roles.ts. */
  readonly role: `roles/${string}` | CustomRole;
  readonly on: Target;
  readonly why: string;
}

/**
 * The events that a service publishes by itself. Dead letters are not among them: every service with deliveries may
 * park one.
 */
const PUBLISHES: readonly { readonly service: ServiceName; readonly topic: Topic; readonly why: string }[] = [
  { service: intakeService, topic: purchaseEvents, why: 'an accepted purchase is published' },
  { service: intakeService, topic: communityEvents, why: 'a community that was connected is published' },
  { service: linkWorker, topic: linkCreatedEvents, why: 'a link that exists is published' },
  {
    service: linkWorker,
    topic: communityEvents,
    why: 'a chat that moved, and a right that is lost or back, are published',
  },
  {
    service: linkWorker,
    topic: membershipEvents,
    why: 'who was let in, declined, removed, or cannot be removed, is published',
  },
  {
    service: eventEmitter,
    topic: purchaseEvents,
    why: 'a link that expired before it was told is followed by another one',
  },
  { service: joinTracker, topic: memberJoinedEvents, why: 'a join is published' },
  { service: joinTracker, topic: membershipEvents, why: 'what becomes of a membership is published' },
  { service: joinTracker, topic: purchaseEvents, why: 'somebody who has paid and is out gets another link' },
  { service: joinTracker, topic: communityEvents, why: 'a connection link that was tapped is published' },
  { service: joinTracker, topic: healthChecks, why: "a change of the bot's rights is followed by a look at them" },
];

/** Holds the operator API: it acts on what belongs to all services. */
const OPERATOR = intakeService;

/** The settings that say who there is. */
export type PermissionSettings = Pick<
  StackConfig['values'],
  'secretVersions' | 'githubRepository' | 'cloudBuild' | 'imageReaders'
>;

export function permissions(
  values: PermissionSettings,
  queues: readonly Queue[] = topology.queues,
): readonly Permission[] {
  return [
    ...SERVICES.flatMap((service) => ofService(service, values, queues)),
    ...ofCallers(queues),
    ...ofPubSub(),
    ...ofDelivery(values),
  ];
}

function ofService(service: ServiceName, values: PermissionSettings, queues: readonly Queue[]): readonly Permission[] {
  const handlesDeliveries =
    topology.subscriptions.some(
      (subscription) => subscription.service === service && subscription.topic !== deadLetterTopic,
    ) || queues.some((queue) => queue.service === service);
  return [
    {
      who: service,
      role: 'roles/datastore.user',
      on: { kind: 'project' },
      why: 'reads and writes documents; Firestore has roles for no less than a project',
    },
    ...PUBLISHES.filter((published) => published.service === service).map(({ topic, why }) =>
      publisher(service, topic, why),
    ),
    ...(handlesDeliveries ? [publisher(service, deadLetterTopic, 'parks what it can never process')] : []),
    ...(serviceVariables(service).known.includes('TASKS_SERVICE_ACCOUNT') ? ofQueuing(service, queues) : []),
    ...(service === OPERATOR ? ofOperator(queues) : []),
    ...mountedSecrets(values, service).map(({ name }): Permission => ({
      who: service,
      role: 'roles/secretmanager.secretAccessor',
      on: { kind: 'secret', name },
      why: 'reads its own variable of this name',
    })),
  ];
}

const WHY_QUEUED: Readonly<Record<string, string>> = {
  [operatorQueue.name]: 'queues what an operator asks of Telegram',
  [approvalQueue.name]: 'queues who is let in or removed',
  [memberQueue.name]: 'queues who is let in or removed',
};

function ofQueuing(service: ServiceName, queues: readonly Queue[]): readonly Permission[] {
  return [
    ...queues.map(({ name }): Permission => ({
      who: service,
      role: 'roles/cloudtasks.enqueuer',
      on: { kind: 'queue', name },
      why: WHY_QUEUED[name] ?? 'queues an attempt',
    })),
    {
      who: service,
      role: 'roles/iam.serviceAccountUser',
      on: { kind: 'account', name: 'tasks' },
      why: 'a task names the account that signs its call, and only who may act as it may name it',
    },
  ];
}

function ofOperator(queues: readonly Queue[]): readonly Permission[] {
  const consume = (name: string, why: string): Permission => ({
    who: OPERATOR,
    role: 'roles/pubsub.subscriber',
    on: { kind: 'subscription', name },
    why,
  });
  const again = topology.topics.filter(
    (topic) =>
      topic !== healthChecks &&
      topic !== deadLetterTopic &&
      !PUBLISHES.some((published) => published.service === OPERATOR && published.topic === topic),
  );
  return [
    ...again.map((topic) =>
      publisher(OPERATOR, topic, 'operator API: publishes again what is replayed up to a time, or tried again'),
    ),
    publisher(OPERATOR, healthChecks, 'operator API: asks the services how they are'),
    ...topology.subscriptions.map(({ name }) => consume(name, 'operator API: seeks it, for a replay')),
    ...topology.topics.flatMap(({ archiveSubscription }) =>
      archiveSubscription === undefined ? [] : [consume(archiveSubscription, 'operator API: reads what is retained')],
    ),
    {
      who: OPERATOR,
      role: 'snapshotKeeper',
      on: { kind: 'project' },
      why: 'operator API: a snapshot before a deploy, and a seek to it; a snapshot has no place before it exists',
    },
    {
      who: OPERATOR,
      role: 'backlogReader',
      on: { kind: 'project' },
      why: 'operator API: how many messages wait, and since when; time series have no narrower place',
    },
    ...queues.map(({ name }): Permission => ({
      who: OPERATOR,
      role: 'queueOperator',
      on: { kind: 'queue', name },
      why: 'operator API: pauses and resumes the queue',
    })),
  ];
}

function publisher(who: Grantee, topic: Topic, why: string): Permission {
  return { who, role: 'roles/pubsub.publisher', on: { kind: 'topic', name: topic.name }, why };
}

/** Of those that Cloud Run checks itself. PUBLIC_SERVICES are open without a role: they check who calls them. */
function ofCallers(queues: readonly Queue[]): readonly Permission[] {
  const invoker = (who: Grantee, name: ServiceName, why: string): Permission => ({
    who,
    role: 'roles/run.invoker',
    on: { kind: 'service', name },
    why,
  });
  const checked = SERVICES.filter((service) => !PUBLIC_SERVICES.has(service));
  const pushedTo = checked.filter((service) =>
    topology.subscriptions.some((subscription) => subscription.service === service),
  );
  // One role for all queues of a service.
  const executed = checked
    .map((service) => ({ service, names: queues.filter((queue) => queue.service === service).map(({ name }) => name) }))
    .filter(({ names }) => names.length > 0);
  return [
    ...pushedTo.map((service) =>
      invoker('push', service, 'its subscriptions are delivered by calls that are signed as this account'),
    ),
    ...executed.map(({ service, names }) =>
      invoker('tasks', service, `tasks of ${names.join(' and ')} are calls that are signed as this account`),
    ),
  ];
}

/**
 * https://cloud.google.com/pubsub/docs/handling-failures#grant_forwarding_permissions and
 * …/authenticate-push-subscriptions
 */
function ofPubSub(): readonly Permission[] {
  const withDeadLetters = topology.subscriptions.filter(
    ({ deadLetter }) => deadLetter?.maxDeliveryAttempts !== undefined,
  );
  const deadLetterTopics = new Set(
    withDeadLetters.flatMap(({ deadLetter }) => (deadLetter === undefined ? [] : [deadLetter.topic])),
  );
  return [
    {
      who: 'Pub/Sub',
      role: 'roles/iam.serviceAccountOpenIdTokenCreator',
      on: { kind: 'account', name: 'push' },
      why: 'signs pushes as this account',
    },
    ...[...deadLetterTopics].map((topic) => publisher('Pub/Sub', topic, 'moves what no delivery could get rid of')),
    ...withDeadLetters.map(({ name }): Permission => ({
      who: 'Pub/Sub',
      role: 'roles/pubsub.subscriber',
      on: { kind: 'subscription', name },
      why: 'acknowledges what it has moved to the dead letters',
    })),
  ];
}

function ofDelivery({ githubRepository, cloudBuild, imageReaders }: PermissionSettings): readonly Permission[] {
  const images: Target = { kind: 'images' };
  return [
    {
      who: 'deployer',
      role: 'roles/artifactregistry.writer',
      on: images,
      why: 'pushes images and asks for their digests',
    },
    { who: 'deployer', role: 'imageMarker', on: images, why: 'marks the image that serves, which the clean-up keeps' },
    {
      who: 'deployer',
      role: 'revisionWatcher',
      on: { kind: 'project' },
      why: 'follows a deploy to its end; operations have no narrower place',
    },
    {
      who: 'deployer',
      role: 'roles/logging.viewer',
      on: { kind: 'project' },
      why: 'counts what a new revision answers; logs have no narrower place',
    },
    ...SERVICES.flatMap((service): Permission[] => [
      {
        who: 'deployer',
        role: 'roles/run.developer',
        on: { kind: 'service', name: service },
        why: 'makes revisions and shifts traffic; not who may call it',
      },
      {
        who: 'deployer',
        role: 'roles/iam.serviceAccountUser',
        on: { kind: 'account', name: service },
        why: 'a revision runs as this account',
      },
    ]),
    ...(githubRepository === undefined
      ? []
      : [
          {
            who: 'GitHub',
            role: 'roles/iam.workloadIdentityUser',
            on: { kind: 'account', name: 'deployer' },
            why: 'its workflows of githubRepository, on main and in the environment of this stack, deploy without a key',
          } as const,
        ]),
    ...(cloudBuild
      ? [
          {
            who: 'deployer',
            role: 'roles/logging.logWriter',
            on: { kind: 'project' },
            why: 'a build of Cloud Build writes its log as this account',
          } as const,
        ]
      : []),
    ...Object.keys(imageReaders).flatMap((project): Permission[] => [
      {
        who: `Cloud Run of ${project}`,
        role: 'roles/artifactregistry.reader',
        on: images,
        why: 'runs what this stack has tried',
      },
      {
        who: `deployer of ${project}`,
        role: 'roles/artifactregistry.reader',
        on: images,
        why: 'asks for the digest of what it deploys',
      },
      {
        who: `deployer of ${project}`,
        role: 'imageMarker',
        on: images,
        why: 'marks the image that serves there, which the clean-up keeps',
      },
    ]),
  ];
}
