import { once } from 'node:events';
import { createServer, type Http2Session } from 'node:http2';

const UNIMPLEMENTED = '12';

export interface IdleGrpcServer {
  readonly host: string;
  close(): Promise<void>;
}

/**
 * Connects with every gRPC client and refuses every call: clients go through their whole start, and nothing is kept.
 */
export async function startIdleGrpcServer(): Promise<IdleGrpcServer> {
  const sessions = new Set<Http2Session>();
  const server = createServer();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream) => {
    // The client may be gone before the answer.
    stream.on('error', () => undefined);
    // Status after headers, not instead of them: without any headers the client library tries again for seconds.
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': UNIMPLEMENTED }));
    stream.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    host: `127.0.0.1:${address.port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}
