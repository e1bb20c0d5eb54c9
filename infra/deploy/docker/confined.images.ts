import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { SERVICES, topology } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { withEmulators } from '../../tests/emulators/with-emulators.ts';
import { sharedEmulators } from '../../tests/emulators/shared-emulators.ts';
import type { Emulators } from '../../run/emulators/start-emulators.ts';
import { folderSize, inMegabytes } from './folder-size.ts';
import { ConfinedProcess } from './testing/confined-process.ts';
import { readDeclaredContainers, type DeclaredContainer } from './testing/declared-containers.ts';
import { ImageBuilder, type BuiltImage } from './testing/image-builder.ts';
import { withConfinement } from './testing/with-confinement.ts';

// The Dockerfile followed step by step without an engine, and what comes out of it run as Cloud Run runs it: one folder
// is all that the process sees, read-only, as an ordinary user, as process 1, with the variables that the Pulumi
// program declares.

const BUILD_TIMEOUT_MS = 240_000;
/** Cloud Run's startup probe gives it a minute. */
const READY_DEADLINE_MS = 60_000;
/** Cloud Run sends SIGKILL 10 s after SIGTERM. */
const STOP_DEADLINE_MS = 10_000;

const dockerfile = await readFile(join(import.meta.dirname, 'Dockerfile'), 'utf8');

withConfinement(() => {
  let folder: string;
  let builder: ImageBuilder;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'root-folders-'));
    builder = await ImageBuilder.open(folder);
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  withEmulators(['cloud-firestore-emulator', 'pubsub-emulator'], () => {
    const declared = readDeclaredContainers();
    let emulators: Emulators;
    beforeAll(async () => {
      emulators = await sharedEmulators();
      const { GCP_PROJECT: project = '', GCP_LOCATION: location = '' } = declared['link-worker'].variables;
      await emulators.createTopology({ project, location, topology, pushEndpoint: () => undefined });
    }, BUILD_TIMEOUT_MS);
    afterAll(async () => {
      await emulators.stop();
    });

    describe.each(SERVICES)('the image of %s', (service) => {
      let image: BuiltImage;
      let running: ConfinedProcess | undefined;
      beforeAll(async () => {
        image = await builder.build(dockerfile, { SERVICE: service });
      }, BUILD_TIMEOUT_MS);
      afterAll(async () => {
        await running?.kill();
      });

      async function start(
        more: Readonly<Record<string, string>> = {},
      ): Promise<{ readonly running: ConfinedProcess; readonly url: string }> {
        const environment = {
          ...image.environment,
          ...asOnCloudRun(service, declared[service]),
          ...onEmulators(emulators),
          ...more,
        };
        const started = await ConfinedProcess.start({ ...image, readOnly: true, environment });
        running = started;
        const url = await listening(started);
        const ready = async (): Promise<void> => {
          const answer = await fetch(`${url}${declared[service].startupPath}`);
          expect({ status: answer.status, body: await answer.text() }).toMatchObject({ status: 200 });
        };
        await eventually(ready, { timeoutMs: READY_DEADLINE_MS });
        return { running: started, url };
      }

      test(
        'is ready with what Cloud Run gives it, as process 1 of an ordinary user, writes nothing, warns of nothing, and ends in time',
        async () => {
          expect(image.port).toBe(declared[service].port);
          const { running, url } = await start();
          expect((await fetch(`${url}${declared[service].livenessPath}`)).status).toBe(200);

          const status = await running.about('status');
          expect(/^NSpid:.*\t(\d+)$/m.exec(status)?.[1]).toBe('1');
          expect(/^Uid:\t(.+)$/m.exec(status)?.[1]).toBe('1000\t1000\t1000\t1000');
          expect(/^Gid:\t(.+)$/m.exec(status)?.[1]).toBe('1000\t1000\t1000\t1000');
          expect(/^CapEff:\t0*(.*)$/m.exec(status)?.[1]).toBe('');
          const itsRoot = `/proc/${running.pid()}/root`;
          expect((await readdir(itsRoot)).sort()).toEqual(['app', 'dev', 'lib', 'lib64', 'proc', 'tmp', 'usr']);
          await expect(writeFile(join(itsRoot, 'app', 'written'), '')).rejects.toThrow('EROFS');
          // The one place where it could.
          expect(await readdir(join(itsRoot, 'tmp'))).toEqual([]);

          const stopping = performance.now();
          expect(await running.stop()).toBe(0);
          expect(performance.now() - stopping).toBeLessThan(STOP_DEADLINE_MS);
          expect(running.stderr).toBe('');
          expect(
            running.stdout.split('\n').filter((line) => /"severity":"(?:WARNING|ERROR|CRITICAL)"/.test(line)),
          ).toEqual([]);
        },
        READY_DEADLINE_MS + STOP_DEADLINE_MS,
      );

      test(
        'takes all of its code from the compile cache of the image',
        async () => {
          // Node tells for each file what it did with the cache.
          const { running } = await start({ NODE_DEBUG_NATIVE: 'COMPILE_CACHE' });
          await running.stop();
          const said = `${running.stdout}${running.stderr}`;
          expect([...said.matchAll(/success, size=/g)].length).toBeGreaterThan(100);
          // What src/compile_cache.cc of Node says of one that is absent, stale or of other code, and before it writes
          // one.
          expect(
            said
              .split('\n')
              .filter((line) => /no such file|permission denied|mismatch|was rejected|writing cache/.test(line)),
          ).toEqual([]);
        },
        READY_DEADLINE_MS + STOP_DEADLINE_MS,
      );

      test("holds nothing but the code that it runs: no tests, no settings, no keys; all of it root's, and for nobody else to change", async () => {
        const app = join(image.root, 'app');
        const entries = await readdir(app, { recursive: true, withFileTypes: true });
        const own = entries.map((entry) => join(entry.parentPath, entry.name).slice(app.length + 1));
        expect(
          own.filter((path) =>
            /(?:^|\/)\.env|\.pem$|\.key$|credentials.*\.json$|\.(?:sqlite|db)$|(?:^|\/)\.(?:git|npmrc|data)(?:\/|$)/.test(
              path,
            ),
          ),
        ).toEqual([]);
        expect(
          own.filter(
            (path) => !path.startsWith('node_modules/') && /\.(?:test|faults)\.ts$|\/testing(?:\/|$)/.test(path),
          ),
        ).toEqual([]);
        const stats = await Promise.all(own.map(async (path) => ({ path, stat: await lstat(join(app, path)) })));
        // A link has no mode of its own.
        expect(
          stats
            .filter(({ stat }) => !stat.isSymbolicLink() && (stat.uid !== 0 || (stat.mode & 0o6022) !== 0))
            .map(({ path }) => path),
        ).toEqual([]);
        const { bytes, files } = await folderSize(app);
        process.stdout.write(`/app of ${service}: ${inMegabytes(bytes)} in ${files} files\n`);
      });
    });
  });
});

/**
 * As Cloud Run sets them: https://docs.cloud.google.com/run/docs/container-contract#services-env-vars. Port 0 = a free
 * one.
 */
function asOnCloudRun(
  service: ServiceName,
  { variables, secrets }: DeclaredContainer,
): Readonly<Record<string, string>> {
  const values = secrets.map((name) => [name, SECRET_VALUES[name] ?? `value-of-${name.toLowerCase()}`] as const);
  return {
    ...variables,
    ...Object.fromEntries(values),
    PORT: '0',
    K_SERVICE: service,
    K_REVISION: `${service}-00001-abc`,
    K_CONFIGURATION: service,
  };
}

/** Those that have a form of their own. */
const SECRET_VALUES: Readonly<Record<string, string>> = {
  OPERATOR_API_KEYS: 'ada:operator-key-of-nobody',
  TELEGRAM_BOT_TOKEN: '1:token-of-no-bot',
};

/** All that is different from Google Cloud. What authenticates pushes stays as it is declared: nobody pushes here. */
function onEmulators({ pubsubHost, firestoreHost, cloudTasksHost }: Emulators): Readonly<Record<string, string>> {
  return {
    PUBSUB_EMULATOR_HOST: pubsubHost,
    FIRESTORE_EMULATOR_HOST: firestoreHost,
    CLOUD_TASKS_EMULATOR_HOST: cloudTasksHost,
    METADATA_SERVER_DETECTION: 'none',
  };
}

async function listening(started: ConfinedProcess): Promise<string> {
  const port = await eventually(
    () => {
      if (!started.isRunning) return 'ended';
      return /"port":(\d+).*"message":"listening"/.exec(started.stdout)?.[1] ?? false;
    },
    { timeoutMs: READY_DEADLINE_MS },
  );
  if (port === 'ended') throw new Error(`It ended with ${await started.exited}:\n${started.stdout}${started.stderr}`);
  return `http://127.0.0.1:${port}`;
}
