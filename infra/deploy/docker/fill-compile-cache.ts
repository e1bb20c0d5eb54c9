import { chmod, chown, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { AssembledProcess, type AssembledProcessOptions } from './assembled-process.ts';
import { startIdleGrpcServer } from './idle-grpc-server.ts';
import { readImageSettings } from './image-settings.ts';
import { standAloneEnvironment } from './stand-alone-environment.ts';

/**
 * Starts the service once and has it make its connections, so that Node keeps the compiled code of all that a start
 * loads. Node looks for it under the path of the folder and the id of the user: both must be those of the image.
 * Afterwards everybody can read the cache, and only the owner of the folder can change it.
 * @throws when the service does not start, does not answer, or does not end as it should.
 */
export async function fillCompileCache(
  service: ServiceName,
  app: string,
  from: Pick<AssembledProcessOptions, 'uid' | 'node'> = {},
): Promise<void> {
  const cache = (await readImageSettings(service, app)).environment['NODE_COMPILE_CACHE'];
  if (cache === undefined) throw new Error('The Dockerfile sets no NODE_COMPILE_CACHE');
  await mkdir(cache);
  if (from.uid !== undefined) await chown(cache, from.uid, from.uid);
  const grpc = await startIdleGrpcServer();
  try {
    const hosts = { pubsub: grpc.host, firestore: grpc.host, cloudTasks: grpc.host };
    const running = await AssembledProcess.start({
      service,
      app,
      environment: standAloneEnvironment(service, hosts),
      ...from,
    });
    const url = await running.url();
    const health = await fetch(`${url}/healthz`);
    // Opens the clients; what they connect to refuses every call, so it says 503.
    const readiness = await fetch(`${url}/readyz`);
    await Promise.all([health.arrayBuffer(), readiness.arrayBuffer()]);
    const exit = await running.stop();
    if (health.status !== 200 || exit !== 0)
      throw new Error(
        `${service} does not run: /healthz says ${health.status}, its end was ${exit}\n${running.output}`,
      );
  } finally {
    await grpc.close();
  }
  await protect(cache, from.uid !== undefined);
}

/** Node makes the files for their owner alone. */
async function protect(folder: string, giveToUs: boolean): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  if (entries.length === 0) throw new Error(`${folder} has stayed empty`);
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    await chmod(path, entry.isDirectory() ? 0o755 : 0o644);
    if (giveToUs) await chown(path, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
  }
  if (giveToUs) await chown(folder, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
}
