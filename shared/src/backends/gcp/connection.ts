import type { ClientOptions } from 'google-gax';

/** Where a client connects: Google itself, or an emulator on a plaintext port. */
export async function connectionOptions(projectId: string, emulatorHost: string | undefined): Promise<ClientOptions> {
  if (emulatorHost === undefined) return { projectId };
  // The credentials must be made by the very copy of gRPC that the clients use.
  const { grpc } = await import('google-gax');
  const { host, port } = splitHostPort(emulatorHost);
  return { projectId, servicePath: host, port, sslCreds: grpc.credentials.createInsecure(), ...noMetadataServer };
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

/** Resolves once the channel of a generated client is connected; rejects when it is not by then. */
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
