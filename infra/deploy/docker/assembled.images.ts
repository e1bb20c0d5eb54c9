import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SERVICES } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { assembleService, readLockFile, ROOT } from './assemble-service.ts';
import { AssembledProcess } from './assembled-process.ts';
import { fillCompileCache } from './fill-compile-cache.ts';
import { folderSize } from './folder-size.ts';
import { readImageSettings } from './image-settings.ts';
import { productionPackages } from './production-packages.ts';
import { standAloneEnvironment, UNREACHABLE } from './stand-alone-environment.ts';
import { npmProductionPackages } from './testing/npm-production-packages.ts';
import { makeTemporaryImages, setWritable, type TemporaryImages } from './testing/temporary-images.ts';

const MAX_BYTES = 120e6;
const UNREACHABLE_HOSTS = { pubsub: UNREACHABLE, firestore: UNREACHABLE, cloudTasks: UNREACHABLE };
/** One that the service cannot do without. */
const NEEDED: Readonly<Record<ServiceName, string>> = {
  'intake-service': 'INTAKE_API_KEYS',
  'link-worker': 'TELEGRAM_BOT_TOKEN',
  'join-tracker': 'TELEGRAM_WEBHOOK_SECRET',
  'event-emitter': 'WEBENGAGE_API_KEY',
};

let images: TemporaryImages;

beforeAll(async () => {
  images = await makeTemporaryImages((await readImageSettings('link-worker', '/app')).uid);
});

afterAll(async () => {
  await images.remove();
});

describe.each(SERVICES)('%s, assembled', (service) => {
  let app: string;

  beforeAll(async () => {
    app = join(images.folder, service);
    await assembleService(service, app);
    await fillCompileCache(service, app, images);
    await setWritable(app, false);
  });

  const start = (overrides: Record<string, string | undefined> = {}): Promise<AssembledProcess> =>
    AssembledProcess.start({
      service,
      app,
      environment: standAloneEnvironment(service, UNREACHABLE_HOSTS),
      overrides,
      ...images,
    });

  test('holds what npm installs in production for this service, in these versions', async () => {
    const { packages } = productionPackages(await readLockFile(ROOT), service);
    expect(new Map([...packages].sort())).toEqual(
      new Map([...(await npmProductionPackages(['shared', service]))].sort()),
    );
    for (const [location, version] of packages) {
      const installed = JSON.parse(await readFile(join(app, location, 'package.json'), 'utf8')) as { version: string };
      expect(`${location}@${installed.version}`).toBe(`${location}@${version}`);
    }
  });

  test('holds neither tests nor other services, and is small', async () => {
    expect((await readdir(app)).sort()).toEqual(['compile-cache', 'node_modules', 'shared', service].sort());
    const own = [
      ...(await readdir(join(app, 'shared/src'), { recursive: true })),
      ...(await readdir(join(app, service), { recursive: true })),
    ];
    expect(own.filter((path) => /\.(?:test|faults|contract)\.ts$|(?:^|\/)testing(?:[-/]|$)/.test(path))).toEqual([]);
    expect((await folderSize(app)).bytes).toBeLessThan(MAX_BYTES);
  });

  test('runs from a read-only folder with nothing else around, and SIGTERM ends it', async () => {
    const before = await folderSize(app);
    const running = await start();
    const health = await fetch(`${await running.url()}/healthz`);
    expect({ status: health.status, body: await health.json() }).toEqual({ status: 200, body: { ok: true } });
    const stopping = performance.now();
    expect(await running.stop()).toBe(0);
    expect(performance.now() - stopping).toBeLessThan(5_000);
    expect(await folderSize(app)).toEqual(before);
  });

  test('lists every variable that is missing, and ends with 2', async () => {
    const running = await start({ [NEEDED[service]]: undefined, GCP_PROJECT: undefined });
    expect(await running.exited).toBe(2);
    expect(running.output).toContain(`${NEEDED[service]} is missing`);
    expect(running.output).toContain('GCP_PROJECT is missing');
  });
});

test('a service starts from the compile cache and without one, and a signal that comes at once is not lost', async () => {
  const service = 'link-worker';
  const common = {
    service,
    app: join(images.folder, service),
    environment: standAloneEnvironment(service, UNREACHABLE_HOSTS),
    ...images,
  } as const;
  // Node tells for each file what it did with the cache.
  const cached = await AssembledProcess.start({ ...common, overrides: { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' } });
  const uncached = await AssembledProcess.start({ ...common, overrides: { NODE_COMPILE_CACHE: undefined } });
  await Promise.all([cached.url(), uncached.url()]);
  expect(await Promise.all([cached.stop(), uncached.stop()])).toEqual([0, 0]);
  const main = cached.output.split('\n').filter((line) => line.includes(`${service}/src/main.ts`));
  expect(main.some((line) => line.includes('success'))).toBe(true);
});

test('a folder that holds something already is left alone', async () => {
  const folder = join(images.folder, 'in-use');
  await mkdir(folder);
  await writeFile(join(folder, 'mine.txt'), 'mine');
  await expect(assembleService('link-worker', folder)).rejects.toThrow('is not empty');
  expect(await readdir(folder)).toEqual(['mine.txt']);
});
