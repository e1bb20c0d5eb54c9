import { SERVICES } from '@paid-community/shared/topology.ts';
import { declareOnMocks } from './declared-system.ts';
import { stackConfig } from './stack-configs.ts';

/** Where the proof of the images, which has no Pulumi, reads them from. */
export const DECLARED_CONTAINERS = new URL('../../docker/testing/declared-containers.json', import.meta.url);

interface DeclaredContainer {
  readonly envs: readonly { readonly name: string; readonly value?: string }[];
  readonly ports: { readonly containerPort: number };
  readonly startupProbe: { readonly httpGet: { readonly path: string } };
  readonly livenessProbe: { readonly httpGet: { readonly path: string } };
}

/** What Cloud Run gives each container of a new stack, as the program declares it: the text of the file. */
export async function declaredContainersText(): Promise<string> {
  const system = await declareOnMocks(stackConfig());
  const declared = system.ofType('gcp:cloudrunv2/service:Service');
  const containers = SERVICES.map((service) => {
    const found = declared.find(({ inputs }) => inputs['name'] === service);
    if (found === undefined) throw new Error(`${service} is not declared`);
    const [{ envs, ports, startupProbe, livenessProbe }] = (
      found.inputs['template'] as { readonly containers: readonly [DeclaredContainer] }
    ).containers;
    const container = {
      variables: Object.fromEntries(envs.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
      secrets: envs.filter(({ value }) => value === undefined).map(({ name }) => name),
      port: ports.containerPort,
      startupPath: startupProbe.httpGet.path,
      livenessPath: livenessProbe.httpGet.path,
    };
    return [service, container] as const;
  });
  return `${JSON.stringify(Object.fromEntries(containers), null, 2)}\n`;
}
