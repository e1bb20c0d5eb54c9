/** Messages that have the attribute (https://cloud.google.com/pubsub/docs/subscription-message-filter). */
export function filterOf(attribute: string): string {
  return `attributes:${JSON.stringify(attribute)}`;
}
