import { Service } from '@pulumi/gcp/cloudrunv2/service.js';
import type { Resource } from '@pulumi/pulumi';
import {
  eventEmitter,
  linkWorker,
  PUBLIC_SERVICES,
  REQUEST_TIMEOUT_SECONDS,
  SERVICES,
  topology,
} from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { waitingFor, type Context } from './context.ts';
import { environmentOf } from './environment.ts';
import type { Identities } from './identities.ts';
import { mountedSecrets } from './secrets.ts';
import { DEFAULT_SIZE, type Size } from './stack-settings.ts';
import { requireUrl, serviceUrl } from './urls.ts';

/** Requests from outside that one instance takes at once, beside deliveries. */
const PUBLIC_REQUESTS = 80;
/** Probes and what an operator asks for. */
const SPARE_REQUESTS = 10;
/** Cloud Run's own limit. */
const MAX_CONCURRENCY = 1_000;

/**
 * Several instances keep one pace together, and hear of a pause before their next slice. A single one hears at once,
 * and needs no write for nearly every call. It is enough for 200 purchases at a time, and Telegram is far slower.
 * WebEngage's limit is one of the account, and each instance of event-emitter keeps WEBENGAGE_EVENTS_PER_MINUTE by
 * itself: with more instances, set the share of each.
 */
const OWN_DEFAULTS: Partial<Readonly<Record<ServiceName, Size>>> = {
  [linkWorker]: { maxInstances: 1 },
  [eventEmitter]: { maxInstances: 1 },
};

/**
 * The deploys own these: image, its labels and annotations, and the traffic. Not the name of a revision: a change that
 * kept the name of the one before would be refused, because a revision of that name exists with another configuration.
 */
export const OF_DEPLOYS = [
  'template.containers[0].image',
  'template.labels',
  'template.annotations',
  'annotations',
  'traffics',
  'client',
  'clientVersion',
] as const;

/**
 * The four services. After the first time, image and traffic are those of the last deploy: the program leaves both
 * alone, and a change of a variable, a secret or a size makes a revision of the image that runs.
 * `needed` must exist before: without its secrets a revision does not start, and without its database and the right to
 * it, it is not ready.
 */
export function declareServices(
  context: Context,
  images: Readonly<Record<ServiceName, string>>,
  { accounts }: Identities,
  needed: (service: ServiceName) => readonly Resource[],
): ReadonlyMap<ServiceName, Service> {
  const { config, project, region, labels, after } = context;
  return new Map(
    SERVICES.map((service) => {
      const { minInstances, maxInstances, cpu, memory } = sizeOf(service, context);
      const account = accounts.get(service);
      if (account === undefined) throw new Error(`${service} has no account`);
      const url = serviceUrl(context, service);
      const declared = new Service(
        service,
        {
          project,
          location: region,
          name: service,
          ingress: PUBLIC_SERVICES.has(service) ? 'INGRESS_TRAFFIC_ALL' : 'INGRESS_TRAFFIC_INTERNAL_ONLY',
          // The callers of these have no account of Google's. Not allUsers as an invoker: an organisation refuses that
          // unless somebody has allowed it (https://docs.cloud.google.com/run/docs/authenticating/public).
          ...(PUBLIC_SERVICES.has(service) ? { invokerIamDisabled: true } : {}),
          // Of the service, not of a revision: each revision that can be addressed would keep as many of its own.
          scaling: { minInstanceCount: minInstances },
          // Cloud Run has two URLs for a service; tokens name this one.
          customAudiences: [url],
          deletionProtection: config.values.protectData,
          labels: { ...labels, service },
          template: {
            serviceAccount: account.email,
            timeout: `${REQUEST_TIMEOUT_SECONDS}s`,
            maxInstanceRequestConcurrency: concurrencyOf(service, context),
            scaling: { maxInstanceCount: maxInstances },
            labels: { ...labels, service },
            containers: [
              {
                image: images[service],
                ports: { containerPort: 8080 },
                resources: {
                  limits: { cpu, memory },
                  cpuIdle: !sendsTelemetry(service, context),
                  startupCpuBoost: true,
                },
                envs: [
                  ...Object.entries(environmentOf(context, service)).map(([name, value]) => ({ name, value })),
                  ...mountedSecrets(config.values, service).map(({ name, version }) => ({
                    name,
                    valueSource: { secretKeyRef: { secret: name, version } },
                  })),
                ],
                // Ready = its clients are loaded and connected, so that the first request does not wait for them. A
                // minute at most.
                startupProbe: {
                  httpGet: { path: '/readyz' },
                  periodSeconds: 1,
                  timeoutSeconds: 1,
                  failureThreshold: 60,
                },
                // Alive only: a database that is away for a while is no reason to start the process anew.
                livenessProbe: {
                  httpGet: { path: '/healthz' },
                  periodSeconds: 10,
                  timeoutSeconds: 5,
                  failureThreshold: 3,
                },
              },
            ],
          },
        },
        { ...waitingFor(after('run'), needed(service)), ignoreChanges: [...OF_DEPLOYS] },
      );
      // Absent while it is only a preview.
      declared.urls.apply((urls: readonly string[] | undefined) => urls === undefined || requireUrl(url, urls));
      return [service, declared];
    }),
  );
}

/**
 * Traces and metrics are sent by timers: between requests those stand still, unless the processor is there all the
 * time.
 */
function sendsTelemetry(service: ServiceName, { config }: Pick<Context, 'config'>): boolean {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: isOff } = config.variables[service];
  return endpoint !== undefined && isOff !== 'true';
}

function sizeOf(service: ServiceName, { config }: Pick<Context, 'config'>): Required<Size> {
  const size = {
    minInstances: config.values.minInstances,
    ...DEFAULT_SIZE,
    ...OWN_DEFAULTS[service],
    ...config.values.sizes[service],
  };
  return { ...size, minInstances: Math.min(size.minInstances, size.maxInstances) };
}

/** What may be at work in one instance at once, by the topology. */
function concurrencyOf(service: ServiceName, { queues }: Pick<Context, 'queues'>): number {
  const deliveries = topology.subscriptions
    .filter((subscription) => subscription.service === service)
    .reduce((sum, { maxConcurrency }) => sum + maxConcurrency, 0);
  const tasks = queues
    .filter((queue) => queue.service === service)
    .reduce((sum, { maxConcurrentDispatches }) => sum + maxConcurrentDispatches, 0);
  return Math.min(
    MAX_CONCURRENCY,
    deliveries + tasks + SPARE_REQUESTS + (PUBLIC_SERVICES.has(service) ? PUBLIC_REQUESTS : 0),
  );
}
