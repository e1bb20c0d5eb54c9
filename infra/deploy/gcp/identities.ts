import { Account } from '@pulumi/gcp/serviceaccount/account.js';
import { ServiceIdentity } from '@pulumi/gcp/projects/serviceIdentity.js';
import type { Output } from '@pulumi/pulumi';
import { SERVICES } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import type { Context } from './context.ts';

/** Accounts beside those of the services. Their ids; each is the part of the e-mail before the @. */
const CALLERS = {
  push: { id: 'pubsub-push', displayName: 'Signs the calls of Pub/Sub' },
  tasks: { id: 'cloud-tasks', displayName: 'Signs the calls of Cloud Tasks' },
  deployer: { id: 'deployer', displayName: 'Builds and deploys the services' },
} as const;

export type AccountName = ServiceName | keyof typeof CALLERS;

export interface Identities {
  readonly accounts: ReadonlyMap<AccountName, Account>;
  /** Pub/Sub's own: it moves dead letters and signs pushes. */
  readonly pubSubAgent: Output<string>;
  /** Workflows that may deploy; absent when the stack names no repository. */
  readonly github?: Output<string> | undefined;
}

/** The part of the e-mail before the @. */
export function accountId(name: AccountName): string {
  const caller = Object.entries(CALLERS).find(([known]) => known === name)?.[1];
  return caller?.id ?? name;
}

export function declareIdentities({ config, project, after }: Context): Identities {
  const account = (name: AccountName, displayName: string): [AccountName, Account] => [
    name,
    new Account(
      `account-${accountId(name)}`,
      { project, accountId: accountId(name), displayName: `${displayName} (${config.stack})` },
      after('iam'),
    ),
  ];
  // Made here, because in a new project it comes into being only with the first use.
  const pubSubAgent = new ServiceIdentity(
    'pubsub-agent',
    { project, service: 'pubsub.googleapis.com' },
    after('pubsub'),
  );
  return {
    accounts: new Map([
      ...SERVICES.map((service) => account(service, `Runs ${service}`)),
      ...Object.entries(CALLERS).map(([name, { displayName }]) => account(name as keyof typeof CALLERS, displayName)),
    ]),
    pubSubAgent: pubSubAgent.member,
  };
}

/** Known before the account exists. */
export function emailOf({ project }: Pick<Context, 'project'>, caller: keyof typeof CALLERS): string {
  return `${accountId(caller)}@${project}.iam.gserviceaccount.com`;
}
