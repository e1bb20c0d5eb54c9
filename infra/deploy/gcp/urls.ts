import type { ServiceName } from '@paid-community/shared/model/services.ts';
import type { Context } from './context.ts';

/**
 * The URL that Cloud Run gives a service by its name
 * (https://cloud.google.com/run/docs/triggering/https-request#deterministic). It is known before the service exists, so
 * it can be a variable of that service. Pub/Sub and Cloud Tasks count as internal traffic there, and not on a custom
 * domain (https://cloud.google.com/run/docs/securing/ingress#settings).
 */
export function serviceUrl({ config, region }: Pick<Context, 'config' | 'region'>, service: ServiceName): string {
  return `https://${service}-${config.values.projectNumber}.${region}.run.app`;
}

/**
 * @throws when Cloud Run gave a service other URLs: a wrong projectNumber would send every call to somebody else, or to
 * nobody.
 */
export function requireUrl(url: string, given: readonly string[]): true {
  if (given.includes(url)) return true;
  throw new Error(
    `projectNumber is not that of the project: Cloud Run gave the URLs ${given.join(', ')}, and not ${url}`,
  );
}
