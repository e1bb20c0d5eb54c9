import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { joinTracker, linkWorker, PUBLIC_SERVICES } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import type { Context } from './context.ts';
import { emailOf } from './identities.ts';
import { serviceVariables, type KnownVariable } from './service-variables.ts';
import { serviceUrl } from './urls.ts';

/** The variables of one service that are no secrets: those that this program knows, and those that the stack sets. */
export function environmentOf(context: Context, service: ServiceName): Readonly<Record<string, string>> {
  const known = serviceVariables(service).known.map((name) => [name, valueOf(name, service, context)] as const);
  return { ...Object.fromEntries(known), ...context.config.variables[service] };
}

function valueOf(name: KnownVariable, service: ServiceName, context: Context): string {
  switch (name) {
    case 'BACKEND':
      return 'gcp';
    case 'GCP_PROJECT':
      return context.project;
    case 'GCP_LOCATION':
      return context.region;
    case 'FIRESTORE_DATABASE':
      return context.config.values.FIRESTORE_DATABASE;
    case 'TASKS_QUEUE':
      return inviteQueue.name;
    case 'TASKS_SERVICE_ACCOUNT':
      return emailOf(context, 'tasks');
    case 'BASE_URL':
      return serviceUrl(context, service);
    case 'PUSH_AUTHENTICATION':
      // Cloud Run checks the callers of the others itself, and takes the signature out of what it hands on.
      return PUBLIC_SERVICES.has(service) ? 'on' : 'platform';
    case 'PUSH_SERVICE_ACCOUNT':
      return emailOf(context, 'push');
    case 'LINK_WORKER_URL':
      return serviceUrl(context, linkWorker);
    case 'WEBHOOK_BASE_URL':
      return serviceUrl(context, joinTracker);
  }
}
