import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { topology } from '@paid-community/shared/topology.ts';
import type { Queue, Subscription } from '@paid-community/shared/platform/ports/topology-types.ts';

/** @throws HttpError not_found that lists what there is. */
export function subscriptionNamed(name: string): Subscription {
  return find('subscription', topology.subscriptions, name);
}

/** @throws HttpError not_found that lists what there is. */
export function queueNamed(name: string): Queue {
  return find('queue', topology.queues, name);
}

function find<T extends { readonly name: string }>(kind: string, all: readonly T[], name: string): T {
  const found = all.find((candidate) => candidate.name === name);
  if (found === undefined)
    throw new HttpError(
      'not_found',
      `There is no such ${kind}. There ${all.length === 1 ? 'is' : 'are'}: ${all.map((known) => known.name).join(', ')}`,
    );
  return found;
}
