import type { ClientOptions } from 'google-gax';

/**
 * A connection whose other end is gone without a word (a network that dropped its state, an instance that slept for
 * hours) looks open until TCP gives up, after some 15 minutes. gRPC asks the other end each half minute, also between
 * calls, and gives it five seconds. While an instance of Cloud Run has no CPU nothing asks: LazyClient then replaces
 * the client at the first call that nobody answers.
 * https://grpc.io/docs/guides/keepalive/
 */
export const keepAliveOptions = {
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.keepalive_permit_without_calls': 1,
  // Or a client that replaces another one is given the connection of that one.
  'grpc.use_local_subchannel_pool': 1,
};

/** Where a client connects: Google itself, or an emulator on a plaintext port. */
export async function connectionOptions(projectId: string, emulatorHost: string | undefined): Promise<ClientOptions> {
  if (emulatorHost === undefined) return { projectId, ...keepAliveOptions };
  // The credentials must be made by the very copy of gRPC that the clients use.
  const { grpc } = await import('google-gax');
  const { host, port } = splitHostPort(emulatorHost);
  return {
    projectId,
    servicePath: host,
    port,
    sslCreds: grpc.credentials.createInsecure(),
    ...noMetadataServer,
    ...keepAliveOptions,
  };
}

/** Said outright, or the client asks the metadata server of Google Cloud, which a laptop waits for in vain. */
export const noMetadataServer = { clientOptions: { universeDomain: 'googleapis.com' } };

/** `127.0.0.1:8085`, as emulator variables have it. */
function splitHostPort(hostPort: string): { readonly host: string; readonly port: number } {
  const colon = hostPort.lastIndexOf(':');
  return { host: hostPort.slice(0, colon), port: Number(hostPort.slice(colon + 1)) };
}

interface Stub {
  waitForReady?(deadline: Date, done: (error?: Error) => void): void;
}

/** Resolves once the channel of a generated client is connected; rejects at the deadline. */
export async function connected(stub: Promise<unknown>, deadlineMs: number): Promise<void> {
  const channel = (await stub) as Stub;
  await new Promise<void>((resolve, reject) => {
    if (channel.waitForReady === undefined) {
      resolve();
      return;
    }
    const deadline = new Date();
    deadline.setMilliseconds(deadline.getMilliseconds() + deadlineMs);
    channel.waitForReady(deadline, (error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}
