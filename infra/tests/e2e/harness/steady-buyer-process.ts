import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bought, SteadyBuyerOptions } from './steady-buyer.ts';
import type { Purchase } from './wire.ts';

// The part of a SteadyBuyer that buys, until it is told to stop.

const { url, key, perSecond, connections } = JSON.parse(process.argv[2] ?? '') as SteadyBuyerOptions;
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
const purchases: Purchase[] = [];
const refused: string[] = [];
const waits: number[] = [];

const stopping = new AbortController();
void once(process, 'message').then(() => stopping.abort());
// Its parent is gone: nobody would end it.
process.once('disconnect', () => process.exit());

const startedAt = performance.now();
const underWay: Promise<void>[] = [];
for (let count = 0; !stopping.signal.aborted; count += 1) {
  const dueAt = startedAt + (count * 1_000) / perSecond;
  await sleep(Math.max(0, dueAt - performance.now()));
  underWay.push(buy(`steady-${process.pid}-${count}`).then(() => void waits.push(performance.now() - dueAt)));
}
await Promise.all(underWay);
agent.destroy();
process.send?.({ purchases, refused, waits } satisfies Bought, () => process.disconnect());

function buy(userId: string): Promise<void> {
  return new Promise((resolve) => {
    const call = request(`${url}/v1/invite/request`, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        if (response.statusCode === 202)
          purchases.push({
            requestId: (JSON.parse(text) as { requestId: string }).requestId,
            userId,
            transactionId: 't',
          });
        else refused.push(`${response.statusCode ?? 0} ${text}`);
        resolve();
      });
    });
    call.setTimeout(20_000, () => call.destroy(new Error('no answer within 20 seconds')));
    call.on('error', (error) => {
      refused.push(String(error));
      resolve();
    });
    call.end(JSON.stringify({ userId, transactionId: 't' }));
  });
}
