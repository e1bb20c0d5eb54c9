import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type ScriptedAnswer =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** Close the connection without an answer. */
  | 'disconnect';

/** An HTTP server on loopback that keeps what it is asked and answers by script. */
export interface ScriptedServer {
  readonly url: string;
  readonly requests: readonly ScriptedRequest[];
  close(): Promise<void>;
}

type Script = readonly [ScriptedAnswer, ...ScriptedAnswer[]];

/** Answers come from `script` in order; the last one is repeated. */
export function startScriptedServer(...script: Script): Promise<ScriptedServer> {
  return startScriptedServerOn(0, ...script);
}

/** On a port of the test's choice. */
export async function startScriptedServerOn(port: number, ...script: Script): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      });
      const answer = script[Math.min(requests.length, script.length) - 1];
      if (answer === undefined || answer === 'disconnect') {
        request.socket.destroy();
        return;
      }
      const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(body);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
