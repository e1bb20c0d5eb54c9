import { Job } from '@pulumi/gcp/cloudscheduler/job.js';
import type { Topic } from '@pulumi/gcp/pubsub/topic.js';
import { schedules } from '@paid-community/shared/topology.ts';
import type { Context } from './context.ts';

/** What is published at fixed times, whether anybody calls a service or not. */
export function declareSchedules({ project, region, after }: Context, topics: ReadonlyMap<string, Topic>): void {
  for (const { name, description, topic, message, everyMinutes } of schedules) {
    const declared = topics.get(topic.name);
    if (declared === undefined) throw new Error(`There is no topic ${topic.name}`);
    new Job(
      name,
      {
        project,
        region,
        name,
        description,
        schedule: cronOf(everyMinutes),
        timeZone: 'Etc/UTC',
        pubsubTarget: {
          topicName: declared.id,
          data: Buffer.from(message.data).toString('base64'),
          attributes: { ...message.attributes },
        },
      },
      after('cloudscheduler'),
    );
  }
}

/** @throws Error for what the form cannot say: it begins anew with each hour. */
export function cronOf(everyMinutes: number): string {
  if (60 % everyMinutes !== 0) throw new Error(`A schedule of every ${everyMinutes} minutes is no divisor of an hour`);
  return everyMinutes === 60 ? '0 * * * *' : `*/${everyMinutes} * * * *`;
}
