import { Repository } from '@pulumi/gcp/artifactregistry/repository.js';
import { SERVING_TAG_PREFIX } from '../delivery/serving-tag.ts';
import type { Context } from './context.ts';

/**
 * So many images of each service are kept at every age, as a way back. Each image that serves in some project is kept
 * too: deploys mark it.
 */
const KEPT_IMAGES = 20;
const DELETED_AFTER = `${90 * 24 * 3_600}s`;

/** Where images are pushed to and run from. */
export function declareRegistry({ project, region, labels, after }: Context): Repository {
  return new Repository(
    'images',
    {
      project,
      location: region,
      repositoryId: 'paid-community',
      format: 'DOCKER',
      description: 'Images of the services of the paid community automation',
      cleanupPolicies: [
        { id: 'keep-newest', action: 'KEEP', mostRecentVersions: { keepCount: KEPT_IMAGES } },
        { id: 'keep-serving', action: 'KEEP', condition: { tagState: 'TAGGED', tagPrefixes: [SERVING_TAG_PREFIX] } },
        { id: 'delete-old', action: 'DELETE', condition: { olderThan: DELETED_AFTER } },
      ],
      labels: { ...labels },
    },
    after('artifactregistry'),
  );
}

/** Host, project and name: what an image of this repository starts with. */
export function repositoryPath({ region, project }: Pick<Context, 'region' | 'project'>): string {
  return `${region}-docker.pkg.dev/${project}/paid-community`;
}
