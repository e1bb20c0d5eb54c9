import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Subscription, Topic } from '@paid-community/shared/platform/ports/topology-types.ts';

/** A message as Pub/Sub delivered it. */
export interface TappedMessage {
  readonly data: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Subscriptions of a test's own on every topic, which only keep what comes. */
export interface Tap {
  readonly subscriptions: readonly Subscription[];
  /** Undefined for a subscription that is not the tap's. */
  endpointOf(subscription: Subscription): string | undefined;
  /** @throws when nothing has come yet. */
  last(topic: Topic): TappedMessage;
  close(): Promise<void>;
}

export async function startTap(topics: readonly Topic[]): Promise<Tap> {
  const messages = new Map<string, TappedMessage>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { message } = JSON.parse(Buffer.concat(chunks).toString()) as {
        message: { data?: string; attributes?: Record<string, string> };
      };
      messages.set(request.url ?? '', {
        data: Buffer.from(message.data ?? '', 'base64').toString(),
        attributes: message.attributes ?? {},
      });
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const subscriptions = topics.map((topic): Subscription => ({
    name: `tap-${topic.name}`,
    topic,
    // No service has it; the field only says who would consume it.
    service: 'intake-service',
    ackDeadlineSeconds: 10,
    minBackoffSeconds: 1,
    maxBackoffSeconds: 1,
    maxConcurrency: 1,
  }));
  return {
    subscriptions,
    endpointOf: (subscription) =>
      subscriptions.includes(subscription) ? `${url}/${subscription.topic.name}` : undefined,
    last: (topic) => {
      const message = messages.get(`/${topic.name}`);
      if (message === undefined) throw new Error(`Nothing was published to ${topic.name}`);
      return message;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
