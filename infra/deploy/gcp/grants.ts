import { RepositoryIamMember } from '@pulumi/gcp/artifactregistry/repositoryIamMember.js';
import type { Repository } from '@pulumi/gcp/artifactregistry/repository.js';
import { ServiceIamMember } from '@pulumi/gcp/cloudrunv2/serviceIamMember.js';
import type { Service } from '@pulumi/gcp/cloudrunv2/service.js';
import { QueueIamMember } from '@pulumi/gcp/cloudtasks/queueIamMember.js';
import type { Queue } from '@pulumi/gcp/cloudtasks/queue.js';
import type { IAMCustomRole } from '@pulumi/gcp/projects/iamcustomRole.js';
import { IAMMember as ProjectIamMember } from '@pulumi/gcp/projects/iammember.js';
import { SubscriptionIAMMember } from '@pulumi/gcp/pubsub/subscriptionIAMMember.js';
import { TopicIAMMember } from '@pulumi/gcp/pubsub/topicIAMMember.js';
import { SecretIamMember } from '@pulumi/gcp/secretmanager/secretIamMember.js';
import type { Secret } from '@pulumi/gcp/secretmanager/secret.js';
import { IAMMember as AccountIamMember } from '@pulumi/gcp/serviceaccount/iammember.js';
import type { CustomResource, Input, Resource } from '@pulumi/pulumi';
import type { Context } from './context.ts';
import { CUSTOM_ROLES, type CustomRole } from './custom-roles.ts';
import type { Identities } from './identities.ts';
import type { Permission, Target } from './permissions.ts';
import type { PubSub } from './pubsub.ts';

/** What a permission may be on. */
export interface Targets extends PubSub {
  readonly queues: ReadonlyMap<string, Queue>;
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly services: ReadonlyMap<string, Service>;
  readonly images: Repository;
  readonly customRoles: ReadonlyMap<CustomRole, IAMCustomRole>;
}

type Bind = (permission: Permission, members: GranteeMembers) => Resource;
type GranteeMembers = (permission: Permission) => Input<string>;

/**
 * Binds each permission on the one resource that it names. Members are added, never a whole list set: what somebody
 * else has granted beside them stays.
 */
export function grant(
  context: Context,
  permission: Permission,
  identities: Identities,
  targets: Partial<Targets>,
): Resource {
  return bindOn(
    permission.on,
    context,
    identities,
    targets,
  )(permission, (asked) => memberOf(asked, context, identities));
}

function bindOn(
  on: Target,
  { project, region, after }: Context,
  { accounts }: Identities,
  targets: Partial<Targets>,
): Bind {
  const at = <K extends string, T extends CustomResource>(resources: ReadonlyMap<K, T> | undefined, name: K): T => {
    const found = resources?.get(name);
    if (found === undefined) throw new Error(`A permission is on the ${on.kind} ${name}, which is not declared`);
    return found;
  };
  const options = after('iam', 'cloudresourcemanager');
  const roleOf = ({ role }: Permission): Input<string> => (isCustom(role) ? at(targets.customRoles, role).name : role);
  const args = (
    permission: Permission,
    member: GranteeMembers,
  ): { project: string; role: Input<string>; member: Input<string> } => ({
    project,
    role: roleOf(permission),
    member: member(permission),
  });
  switch (on.kind) {
    case 'topic':
      return (permission, member) =>
        new TopicIAMMember(
          nameOf(permission),
          { ...args(permission, member), topic: at(targets.topics, on.name).name },
          options,
        );
    case 'subscription':
      return (permission, member) =>
        new SubscriptionIAMMember(
          nameOf(permission),
          { ...args(permission, member), subscription: at(targets.subscriptions, on.name).name },
          options,
        );
    case 'queue':
      return (permission, member) =>
        new QueueIamMember(
          nameOf(permission),
          { ...args(permission, member), location: region, name: at(targets.queues, on.name).name },
          options,
        );
    case 'secret':
      return (permission, member) =>
        new SecretIamMember(
          nameOf(permission),
          { ...args(permission, member), secretId: at(targets.secrets, on.name).secretId },
          options,
        );
    case 'service':
      return (permission, member) =>
        new ServiceIamMember(
          nameOf(permission),
          { ...args(permission, member), location: region, name: at(targets.services, on.name).name },
          options,
        );
    case 'account':
      return (permission, member) =>
        new AccountIamMember(
          nameOf(permission),
          { role: roleOf(permission), member: member(permission), serviceAccountId: at(accounts, on.name).name },
          options,
        );
    case 'images': {
      const { images } = targets;
      if (images === undefined) throw new Error('A permission is on the images, which are not declared');
      return (permission, member) =>
        new RepositoryIamMember(
          nameOf(permission),
          { ...args(permission, member), location: region, repository: images.repositoryId },
          options,
        );
    }
    case 'project':
      return (permission, member) => new ProjectIamMember(nameOf(permission), args(permission, member), options);
  }
}

function memberOf(
  { who }: Permission,
  { config }: Context,
  { accounts, pubSubAgent, github }: Identities,
): Input<string> {
  const account = [...accounts].find(([name]) => name === who)?.[1];
  if (account !== undefined) return account.member;
  if (who === 'Pub/Sub') return pubSubAgent;
  if (who === 'GitHub') {
    if (github === undefined) throw new Error('GitHub is granted something, but no repository is set');
    return github;
  }
  const [, kind, project] = /^(Cloud Run|deployer) of (.+)$/.exec(who) ?? [];
  const number = config.values.imageReaders[project ?? ''];
  if (project === undefined || number === undefined) throw new Error(`Nobody knows who ${who} is`);
  return kind === 'deployer'
    ? `serviceAccount:deployer@${project}.iam.gserviceaccount.com`
    : `serviceAccount:service-${number}@serverless-robot-prod.iam.gserviceaccount.com`;
}

function isCustom(role: Permission['role']): role is CustomRole {
  return role in CUSTOM_ROLES;
}

function nameOf({ who, role, on }: Permission): string {
  return [who, role.replace(/^roles\//, ''), 'name' in on ? `${on.kind}-${on.name}` : on.kind]
    .join('-')
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '-');
}
