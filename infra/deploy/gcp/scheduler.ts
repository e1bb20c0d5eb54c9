import { Job } from '@pulumi/gcp/cloudscheduler/job.js';
import type { Topic } from '@pulumi/gcp/pubsub/topic.js';
import {
  HEALTH_CHECK_MINUTES,
  ScheduledHealthCheck,
} from '@paid-community/shared/model/operations/scheduled-health-check.ts';
import { healthChecks } from '@paid-community/shared/model/topics.ts';
import type { Context } from './context.ts';

/** Asks the services how they are, so that a webhook that drifted is found before somebody misses a join. */
export function declareSchedules({ project, region, after }: Context, topics: ReadonlyMap<string, Topic>): void {
  const topic = topics.get(healthChecks.name);
  if (topic === undefined) throw new Error(`There is no topic ${healthChecks.name}`);
  new Job(
    'health-check',
    {
      project,
      region,
      name: 'health-check',
      description: 'Asks every service for a health check',
      schedule: `*/${HEALTH_CHECK_MINUTES} * * * *`,
      timeZone: 'Etc/UTC',
      pubsubTarget: {
        topicName: topic.id,
        data: Buffer.from(ScheduledHealthCheck.message.data).toString('base64'),
        attributes: { ...ScheduledHealthCheck.message.attributes },
      },
    },
    after('cloudscheduler'),
  );
}
