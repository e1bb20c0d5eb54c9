import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { SERVICES, topology } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { orExit } from '../../ops/command-line/or-exit.ts';
import { readOptions } from '../../ops/command-line/read-arguments.ts';
import { wholeNumber } from '../../ops/command-line/whole-number.ts';
import { assembleService } from '../../deploy/docker/assemble-service.ts';
import { fillCompileCache } from '../../deploy/docker/fill-compile-cache.ts';
import { folderSize, inMegabytes } from '../../deploy/docker/folder-size.ts';
import { standAloneEnvironment, UNREACHABLE, type EmulatorHosts } from '../../deploy/docker/stand-alone-environment.ts';
import { missingPrograms, startEmulators } from '../../run/emulators/start-emulators.ts';
import { measureColdStart, type ColdStart } from './cold-starts.ts';
import { measureImports, measureNodeItself } from './import-times.ts';
import { measureIntakeLatency } from './intake-latency.ts';
import { inMs, printTable, Verdicts } from './print-table.ts';
import { median } from '../statistics.ts';

const GOALS = { bytes: 120e6, readyMs: 1_500, intakeMs: 100 };
const verdicts = new Verdicts();

// Size, cold start, memory and latency of the services as their images hold them. `--rounds` is how often each start is
// measured.
const rounds = orExit(
  () =>
    wholeNumber('--rounds', readOptions(process.argv.slice(2), { rounds: { type: 'string' } }).rounds ?? '5', 1, 1_000),
  'npm run bench:gcp -- [--rounds 5]\n',
);
const folder = await mkdtemp(join(tmpdir(), 'bench-gcp-'));
const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${inMegabytes(totalmem())}, load ${load()}; Node ${process.versions.node}`,
);

const appOf = (service: ServiceName): string => join(folder, service);
const missing = missingPrograms();
if (missing.length > 0)
  console.log(
    `Without ${missing.join(' and ')} there are no emulators: /readyz and the latency of intake are not measured.`,
  );
const emulators = missing.length > 0 ? undefined : await startEmulators({});
try {
  for (const service of SERVICES) {
    await assembleService(service, appOf(service));
    await fillCompileCache(service, appOf(service));
  }
  const hosts = emulators && {
    pubsub: emulators.pubsubHost,
    firestore: emulators.firestoreHost,
    cloudTasks: emulators.cloudTasksHost,
  };
  await benchSizes();
  await benchColdStarts(hosts);
  await benchImports();
  if (emulators !== undefined && hosts !== undefined) {
    const project = standAloneEnvironment('intake-service', hosts)['GCP_PROJECT'] ?? '';
    // To pull from, and nobody does: pushes to nowhere would keep the machine busy with redeliveries.
    await emulators.createTopology({ project, location: 'asia-south1', topology, pushEndpoint: () => undefined });
    await benchIntake(hosts);
  }
} finally {
  await emulators?.stop();
  await rm(folder, { recursive: true });
}
console.log(
  `\nLoad at the end ${load()}. ${verdicts.missed.length === 0 ? 'All goals are met.' : `Missed: ${verdicts.missed.join(', ')}`}`,
);

async function benchSizes(): Promise<void> {
  const rows = [['service', 'files', 'size', 'of it compile cache', 'goal', 'verdict']];
  for (const service of SERVICES) {
    const { bytes, files } = await folderSize(appOf(service));
    const cache = await folderSize(join(appOf(service), 'compile-cache'));
    const verdict = verdicts.verdict(`size of ${service}`, bytes, GOALS.bytes);
    rows.push([
      service,
      String(files),
      inMegabytes(bytes),
      inMegabytes(cache.bytes),
      `< ${inMegabytes(GOALS.bytes)}`,
      verdict,
    ]);
  }
  printTable('Assembled folder', rows);
}

async function benchColdStarts(hosts: EmulatorHosts | undefined): Promise<void> {
  const rows = [
    [
      'service',
      'healthy',
      'ready',
      'processor',
      'no cache: healthy',
      'ready',
      'processor',
      'idle memory',
      'goal for ready',
      'verdict',
    ],
  ];
  // The first fetch of a process loads fetch itself.
  await fetch(`http://${UNREACHABLE}`).catch(() => undefined);
  for (const service of SERVICES) {
    const measure = async (compileCache: boolean): Promise<ColdStart> => {
      const starts: ColdStart[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        starts.push(
          await measureColdStart({
            service,
            app: appOf(service),
            hosts,
            compileCache,
            measureIdle: compileCache && round === rounds,
          }),
        );
      }
      const medianOf = (pick: (start: (typeof starts)[number]) => number): number => median(starts.map(pick));
      return {
        healthyMs: medianOf((start) => start.healthyMs),
        readyMs: medianOf((start) => start.readyMs),
        cpuMs: medianOf((start) => start.cpuMs),
        idleBytes: starts.at(-1)?.idleBytes ?? NaN,
      };
    };
    const cached = await measure(true);
    const uncached = await measure(false);
    const verdict = verdicts.verdict(`start of ${service}`, cached.readyMs, GOALS.readyMs);
    const times = [cached, uncached].flatMap(({ healthyMs, readyMs, cpuMs }) => [healthyMs, readyMs, cpuMs].map(inMs));
    rows.push([service, ...times, inMegabytes(cached.idleBytes), `< ${inMs(GOALS.readyMs)}`, verdict]);
  }
  printTable(
    `Cold start, from the start of the process; medians of ${rounds}; files are in the page cache; load ${load()}`,
    rows,
  );
}

async function benchImports(): Promise<void> {
  const times = await measureImports(appOf('link-worker'), Math.min(rounds, 5));
  const rows = [['import, in a process of its own', 'without cache', 'with compile cache']];
  rows.push(['(Node itself, an empty script)', inMs(await measureNodeItself(rounds)), '']);
  for (const { module, ms, cachedMs } of times) rows.push([module, inMs(ms), inMs(cachedMs)]);
  printTable('Part of each import', rows);
}

async function benchIntake(hosts: EmulatorHosts): Promise<void> {
  const rows = [['POST /v1/invite/request → 202', 'p50', 'p99', 'goal for p99', 'verdict']];
  for (const atOnce of [1, 10]) {
    const { p50Ms, p99Ms } = await measureIntakeLatency(appOf('intake-service'), hosts, { requests: 1_000, atOnce });
    const verdict = verdicts.verdict(`latency of intake, ${atOnce} at once`, p99Ms, GOALS.intakeMs);
    rows.push([`${atOnce} at once`, inMs(p50Ms), inMs(p99Ms), `< ${inMs(GOALS.intakeMs)}`, verdict]);
  }
  printTable('Publish to acknowledge, on the Pub/Sub emulator; 1000 requests each', rows);
}
