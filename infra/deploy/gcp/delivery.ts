import { WorkloadIdentityPool } from '@pulumi/gcp/iam/workloadIdentityPool.js';
import { WorkloadIdentityPoolProvider } from '@pulumi/gcp/iam/workloadIdentityPoolProvider.js';
import { interpolate, type Output } from '@pulumi/pulumi';
import type { Context } from './context.ts';

export interface Delivery {
  /** Full name, as google-github-actions/auth takes it. */
  readonly provider: Output<string>;
  /** The workflows of one repository, as a member of a role. */
  readonly github: Output<string>;
}

/**
 * Lets workflows of one repository act as the deployer without a key: GitHub signs who runs, and Google believes it for
 * this repository, its main branch and the environment of this stack alone.
 * https://docs.github.com/actions/reference/security/oidc
 */
export function declareDelivery({ config, project, after }: Context): Delivery | undefined {
  const repository = config.values.githubRepository;
  if (repository === undefined) return undefined;
  const pool = new WorkloadIdentityPool(
    'github',
    { project, workloadIdentityPoolId: 'github', displayName: `GitHub (${config.stack})` },
    after('iam', 'sts', 'iamcredentials'),
  );
  const provider = new WorkloadIdentityPoolProvider('github', {
    project,
    workloadIdentityPoolId: pool.workloadIdentityPoolId,
    workloadIdentityPoolProviderId: 'github',
    displayName: 'GitHub Actions',
    attributeMapping: { 'google.subject': 'assertion.sub', 'attribute.repository': 'assertion.repository' },
    attributeCondition: [
      `assertion.repository == "${repository}"`,
      'assertion.ref == "refs/heads/main"',
      // A deployment that waits for an approval in GitHub has this claim only once it has it.
      `assertion.environment == "${config.stack}"`,
    ].join(' && '),
    oidc: { issuerUri: 'https://token.actions.githubusercontent.com' },
  });
  return {
    provider: provider.name,
    github: interpolate`principalSet://iam.googleapis.com/${pool.name}/attribute.repository/${repository}`,
  };
}
