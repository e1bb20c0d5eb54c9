import * as pulumi from '@pulumi/pulumi';
import { topology } from '@paid-community/shared/topology.ts';
import type { StackConfig } from '../config.ts';
import { declareSystem } from '../program.ts';

/** A resource as the program declares it. */
export interface Declared {
  /** Such as gcp:pubsub/topic:Topic. */
  readonly type: string;
  /** The logical name: with the type it is what Pulumi knows the resource by. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface DeclaredSystem {
  readonly resources: readonly Declared[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** In the order of their declaration. @throws when there is none: a test that looks at nothing proves nothing. */
  ofType(type: string): readonly Declared[];
}

/**
 * Runs the program on Pulumi's mocks, with what Google would answer made of what was asked for; with other queues than
 * those of the topology when they are given.
 */
export async function declareOnMocks(config: StackConfig, queues = topology.queues): Promise<DeclaredSystem> {
  const resources: Declared[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const given = inputs as Readonly<Record<string, unknown>>;
        // What is undefined is not sent to the provider.
        resources.push({ type, name, inputs: JSON.parse(JSON.stringify(given)) as Record<string, unknown> });
        return { id: `${type}/${name}/id`, state: { ...given, ...computed(type, given, config) } };
      },
      call: ({ token }) => {
        throw new Error(`The program asks Google for something before it declares anything: ${token}`);
      },
    },
    'paid-community',
    config.stack,
  );
  const outputs = declareSystem(config, queues);
  const resolved = await new Promise<Readonly<Record<string, unknown>>>((resolve) => {
    pulumi.output(outputs).apply((value) => resolve(value as Record<string, unknown>));
  });
  await pulumi.runtime.disconnect();
  return {
    resources,
    outputs: resolved,
    ofType: (type) => {
      const found = resources.filter((resource) => resource.type === type);
      if (found.length === 0)
        throw new Error(
          `Nothing of the type ${type} is declared; there are ${[...new Set(resources.map((resource) => resource.type))].join(', ')}`,
        );
      return found;
    },
  };
}

/** Values that only Google knows. */
function computed(
  type: string,
  inputs: Readonly<Record<string, unknown>>,
  { values }: StackConfig,
): Readonly<Record<string, unknown>> {
  const project = values['gcp:project'];
  if (type === 'gcp:serviceaccount/account:Account') {
    const email = `${String(inputs['accountId'])}@${project}.iam.gserviceaccount.com`;
    return { email, member: `serviceAccount:${email}`, name: `projects/${project}/serviceAccounts/${email}` };
  }
  if (type === 'gcp:cloudrunv2/service:Service') {
    const name = String(inputs['name']);
    const region = String(inputs['location']);
    return {
      urls: [
        `https://${name}-${project === 'project-production' ? '210987654321' : '123456789012'}.${region}.run.app`,
        `https://${name}-abcdefghij-el.a.run.app`,
      ],
    };
  }
  if (type === 'gcp:projects/serviceIdentity:ServiceIdentity') {
    const agent = String(inputs['service']).replace(/\.googleapis\.com$/, '');
    return { member: `serviceAccount:service-${values.projectNumber}@gcp-sa-${agent}.iam.gserviceaccount.com` };
  }
  if (type === 'gcp:projects/iAMCustomRole:IAMCustomRole')
    return { name: `projects/${project}/roles/${String(inputs['roleId'])}` };
  if (type === 'gcp:iam/workloadIdentityPool:WorkloadIdentityPool')
    return { name: `projects/${values.projectNumber}/locations/global/workloadIdentityPools/github` };
  return {};
}
