/**
 * Path of the push endpoint of a topic's subscription. By itself, so that the infrastructure program loads nothing with
 * it.
 */
export function pushPath(topicName: string): string {
  return `/pubsub/${topicName}`;
}
