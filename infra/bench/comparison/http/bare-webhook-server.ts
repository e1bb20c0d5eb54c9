import { createServer } from 'node:http';
import { answerParent } from '../../processes/answer-parent.ts';
import { listenOnFreePort } from '../../processes/listen-on-free-port.ts';
import { statusOfUpdate } from '../../load/updates.ts';

// What it costs to take an update and parse it; nothing is checked or stored.
answerParent(() =>
  listenOnFreePort(
    createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const status = statusOfUpdate(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': 2 }).end('{}');
      });
    }),
  ),
);
