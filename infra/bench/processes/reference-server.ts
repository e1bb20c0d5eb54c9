import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { PurchaseReceived } from '@paid-community/shared/model/purchases/purchase-received.ts';
import { answerParent } from './answer-parent.ts';
import { listenOnFreePort } from './listen-on-free-port.ts';
import { ReferencePipeline } from './reference-pipeline.ts';
import { ReferenceStore } from './reference-store.ts';
import type { SimulatorAddress } from './simulators-process.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

export interface ReferenceJob {
  readonly dataDir: string;
  /** One fsync for all that wait, as the system does; true by default. */
  readonly grouped?: boolean;
  /** Also do the work that follows a purchase. */
  readonly pipeline?: { readonly simulators: SimulatorAddress; readonly concurrency: number };
}

// What durable intake costs when nothing is checked, authenticated, logged or delivered: the bar to hold the system
// against.
answerParent(({ dataDir, grouped, pipeline }: ReferenceJob) => {
  const store = new ReferenceStore(dataDir, grouped);
  const work =
    pipeline === undefined ? undefined : new ReferencePipeline(store, pipeline.simulators, pipeline.concurrency);

  async function accept(text: string, response: ServerResponse): Promise<void> {
    const body = JSON.parse(text) as { userId: string; transactionId: string };
    const requestId = randomUUID();
    const traceparent = TRACEPARENT;
    // What the system stores for a purchase, byte for byte: an event and its attributes.
    const event = PurchaseReceived.create({
      time: new Date().toISOString(),
      traceparent,
      data: { requestId, communityId: 'default', ...body },
    });
    const attributes = JSON.stringify({ id: event.id, type: event.type, traceparent });
    const id = await store.addPurchase(attributes, JSON.stringify(event));
    const answer = JSON.stringify({ ok: true, status: 'queued', requestId });
    response.writeHead(202, { 'Content-Type': 'application/json', 'Content-Length': answer.length }).end(answer);
    work?.add(id, body);
  }

  function onRequest(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      accept(Buffer.concat(chunks).toString('utf8'), response).catch(() =>
        response.writeHead(500, { 'Content-Length': 0 }).end(),
      );
    });
  }

  return listenOnFreePort(createServer(onRequest));
});
