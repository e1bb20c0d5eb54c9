import { createServer } from 'node:http';
import { answerParent } from '../../processes/answer-parent.ts';
import { listenOnFreePort } from '../../processes/listen-on-free-port.ts';
import { updateKind } from '../../load/updates.ts';

const FIRST_UPDATE = 700_000_000;

// What it costs to take an update and parse it. It knows from the number which ones the load generator wants refused, and stores nothing.
answerParent(() =>
  listenOnFreePort(
    createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const update = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { readonly update_id: number };
        const status = updateKind(update.update_id - FIRST_UPDATE) === 'forged' ? 401 : 200;
        response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': 2 }).end('{}');
      });
    }),
  ),
);
