import { Secret } from '@pulumi/gcp/secretmanager/secret.js';
import { SERVICES } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import type { StackConfig } from './config.ts';
import type { Context } from './context.ts';
import { serviceVariables } from './service-variables.ts';

/** The first value that somebody puts in is version 1. */
const FIRST_VERSION = '1';

export interface MountedSecret {
  /** Of the secret and of the variable. */
  readonly name: string;
  readonly version: string;
}

/**
 * The containers, of those too that no service needs: a value must be there before a version of it can be named. People
 * put the values in; no stack file and no state has them.
 */
export function declareSecrets({ project, region, labels, keptAfter }: Context): ReadonlyMap<string, Secret> {
  const names = new Set(SERVICES.flatMap((service) => serviceVariables(service).secrets.map(({ name }) => name)));
  return new Map(
    [...names].map((name) => [
      name,
      new Secret(
        name,
        {
          project,
          secretId: name,
          replication: { userManaged: { replicas: [{ location: region }] } },
          labels: { ...labels },
        },
        keptAfter('secretmanager'),
      ),
    ]),
  );
}

/** What a service gets. One that every service can do without is left out until the stack names a version of it. */
export function mountedSecrets(
  { secretVersions }: Pick<StackConfig['values'], 'secretVersions'>,
  service: ServiceName,
): readonly MountedSecret[] {
  const required = new Set(
    SERVICES.flatMap((each) =>
      serviceVariables(each)
        .secrets.filter((secret) => secret.required)
        .map(({ name }) => name),
    ),
  );
  return serviceVariables(service).secrets.flatMap(({ name }) => {
    const version = secretVersions[name] ?? (required.has(name) ? FIRST_VERSION : undefined);
    return version === undefined ? [] : [{ name, version }];
  });
}
