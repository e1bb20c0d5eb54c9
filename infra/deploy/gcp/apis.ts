import { Service } from '@pulumi/gcp/projects/service.js';
import type { CustomResourceOptions } from '@pulumi/pulumi';

/** Each API that something here needs, and which. */
const APIS = {
  artifactregistry: 'images',
  billingbudgets: 'the budget alert',
  cloudbuild: 'deploys, for those who stay in Google Cloud',
  cloudresourcemanager: 'roles on the project',
  cloudscheduler: 'the periodic health check',
  cloudtasks: 'the queue',
  firestore: 'documents',
  iam: 'service accounts',
  iamcredentials: 'keyless deploys, and tokens of the push account',
  logging: 'metrics made of log lines',
  monitoring: 'alerts and the dashboard',
  pubsub: 'topics and subscriptions',
  run: 'the services',
  secretmanager: 'secrets',
  sts: 'keyless deploys',
} as const;

export type Api = keyof typeof APIS;

/**
 * Switches the APIs on, but those in `without`. They stay on when the stack goes: something else in the project may use
 * them.
 */
export function enableApis(
  project: string,
  without: readonly Api[],
): (...apis: readonly Api[]) => CustomResourceOptions {
  const enabled = Object.fromEntries(
    (Object.keys(APIS) as Api[])
      .filter((api) => !without.includes(api))
      .map((api) => [
        api,
        new Service(`api-${api}`, { project, service: `${api}.googleapis.com`, disableOnDestroy: false }),
      ]),
  ) as Record<Api, Service>;
  return (...apis) => ({ dependsOn: apis.map((api) => enabled[api]) });
}
