import type { Resource } from '@pulumi/pulumi';
import type { Queue } from '@paid-community/shared/platform/ports/topology-types.ts';
import { withQueueRates } from '@paid-community/shared/queue-rates.ts';
import { intakeService, joinTracker, SERVICES, topology } from '@paid-community/shared/topology.ts';
import { enableApis } from './apis.ts';
import { declareBudget } from './budget.ts';
import type { StackConfig } from './config.ts';
import { labelsOf, type Context } from './context.ts';
import { declareCustomRoles } from './custom-roles.ts';
import { declareDelivery } from './delivery.ts';
import { declareFirestore } from './firestore.ts';
import { grant, type Targets } from './grants.ts';
import { declareIdentities, emailOf } from './identities.ts';
import { declareAlerts } from './monitoring/alerts.ts';
import { declareChannels } from './monitoring/channels.ts';
import { declareDashboard } from './monitoring/dashboard.ts';
import { declareLogMetrics } from './monitoring/log-metrics.ts';
import { permissions, type Permission } from './permissions.ts';
import { declareArchives, declareSubscriptions, declareTopics } from './pubsub.ts';
import { declareQueues } from './queue.ts';
import { declareRegistry, repositoryPath } from './registry.ts';
import { declareSchedules } from './scheduler.ts';
import { declareSecrets, mountedSecrets } from './secrets.ts';
import { declareServices } from './services.ts';
import { serviceUrl } from './urls.ts';

/** Everything that the system needs on Google Cloud. Returns what a person or a workflow has to know of it. */
export function declareSystem(config: StackConfig, queues = topology.queues): Record<string, unknown> {
  const context = contextOf(config, queues);
  const declared = { ...declareIdentities(context) };
  const delivery = declareDelivery(context);
  const identities = { ...declared, github: delivery?.github };

  const database = declareFirestore(context);
  const topics = declareTopics(context);
  const archives = declareArchives(context, topics);
  const declaredQueues = declareQueues(context);
  const secrets = declareSecrets(context);
  const images = declareRegistry(context);
  declareSchedules(context, topics);

  const customRoles = declareCustomRoles(context);
  const all = permissions(config.values, queues);
  const bind = (
    wanted: (permission: Permission) => boolean,
    targets: Partial<Targets>,
  ): ReadonlyMap<Permission, Resource> =>
    new Map(all.filter(wanted).map((permission) => [permission, grant(context, permission, identities, targets)]));
  const onServices = ({ on }: Permission): boolean => on.kind === 'service' || on.kind === 'subscription';
  const granted = bind((permission) => !onServices(permission), {
    topics,
    queues: declaredQueues,
    secrets,
    images,
    customRoles,
  });

  const lines = declareLogMetrics(context);
  const channels = declareChannels(context);
  declareAlerts(context, channels, lines);
  declareDashboard(context, lines);
  declareBudget(context, channels);

  const { images: byDigest } = config.values;
  if (byDigest !== undefined) {
    const services = declareServices(context, byDigest, identities, (service) => [
      database,
      ...grantsOf(granted, ({ who }) => who === service),
    ]);
    const invokers = bind(({ on }) => on.kind === 'service', { services });
    // From its first message on, a push must find somebody who signs it and a service that answers: a message has a
    // limited number of deliveries.
    const subscriptions = declareSubscriptions(context, topics, emailOf(context, 'push'), (service) => [
      ...grantsOf(granted, ({ who }) => who === 'Pub/Sub'),
      ...grantsOf(invokers, ({ who, on }) => who === 'push' && on.kind === 'service' && on.name === service),
      ...[...services].filter(([name]) => name === service).map(([, declared]) => declared),
    ]);
    bind(({ on }) => on.kind === 'subscription', { subscriptions: new Map([...archives, ...subscriptions]) });
  }

  return {
    GCP_PROJECT: context.project,
    GCP_REGION: context.region,
    GCP_DEPLOYER: emailOf(context, 'deployer'),
    ...(delivery === undefined ? {} : { GCP_WORKLOAD_IDENTITY_PROVIDER: delivery.provider }),
    IMAGE_REPOSITORY: repositoryPath(context),
    intakeUrl: serviceUrl(context, intakeService),
    webhookUrl: serviceUrl(context, joinTracker),
    serviceUrls: Object.fromEntries(SERVICES.map((service) => [service, serviceUrl(context, service)])),
    /** Those that must have a value before the services can start. */
    secrets: [
      ...new Set(SERVICES.flatMap((service) => mountedSecrets(config.values, service).map(({ name }) => name))),
    ],
  };
}

function grantsOf(
  granted: ReadonlyMap<Permission, Resource>,
  wanted: (permission: Permission) => boolean,
): readonly Resource[] {
  return [...granted].filter(([permission]) => wanted(permission)).map(([, resource]) => resource);
}

function contextOf(config: StackConfig, queues: readonly Queue[]): Context {
  const project = config.values['gcp:project'];
  const region = config.values['gcp:region'];
  const after = enableApis(project, config.values.cloudBuild ? [] : ['cloudbuild']);
  return {
    config,
    queues: withQueueRates(queues, config.values, config.values.bots),
    project,
    region,
    labels: labelsOf(config),
    after,
    keptAfter: (...apis) => ({ ...after(...apis), protect: config.values.protectData }),
  };
}
