import type { CustomResourceOptions, Resource } from '@pulumi/pulumi';
import type { Api } from './apis.ts';
import type { Queue } from '@paid-community/shared/platform/ports/topology-types.ts';
import type { StackConfig } from './config.ts';

/** What every part of the program is given. */
export interface Context {
  readonly config: StackConfig;
  /** Those of the topology, except in a test, with the rates of the stack. */
  readonly queues: readonly Queue[];
  readonly project: string;
  readonly region: string;
  /** On everything that can carry labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Options of a resource that these APIs must be on for. */
  readonly after: (...apis: readonly Api[]) => CustomResourceOptions;
  /**
   * The same, for what holds data: it is kept when the program no longer declares it, unless the stack says otherwise.
   */
  readonly keptAfter: (...apis: readonly Api[]) => CustomResourceOptions;
}

/** The same options for a resource that must wait for these too. */
export function waitingFor(options: CustomResourceOptions, resources: readonly Resource[]): CustomResourceOptions {
  const { dependsOn } = options;
  return { ...options, dependsOn: [...(Array.isArray(dependsOn) ? dependsOn : []), ...resources] };
}

export function labelsOf({ stack }: StackConfig): Readonly<Record<string, string>> {
  return { app: 'paid-community', stack, 'managed-by': 'pulumi' };
}
