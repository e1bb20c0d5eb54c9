import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { AssembledProcess } from '../../deploy/docker/assembled-process.ts';
import { standAloneEnvironment, UNREACHABLE, type EmulatorHosts } from '../../deploy/docker/stand-alone-environment.ts';

/** After it, what the start has left behind is collected, and what is idle stays. */
const SETTLE_MS = 2_000;

export interface ColdStart {
  /** From the start of the process to the answer of /healthz. */
  readonly healthyMs: number;
  /** From the start of the process to the answer of /readyz, with all clients connected; NaN without emulators. */
  readonly readyMs: number;
  /** Processor time until then, which other work on the machine changes little; NaN where /proc does not exist. */
  readonly cpuMs: number;
  /** Memory of the process, some time later; NaN where /proc does not exist, or when it was not asked for. */
  readonly idleBytes: number;
}

export interface ColdStartOptions {
  readonly service: ServiceName;
  readonly app: string;
  readonly hosts: EmulatorHosts | undefined;
  readonly compileCache: boolean;
  readonly measureIdle: boolean;
}

export async function measureColdStart({
  service,
  app,
  hosts,
  compileCache,
  measureIdle,
}: ColdStartOptions): Promise<ColdStart> {
  const unreachable = { pubsub: UNREACHABLE, firestore: UNREACHABLE, cloudTasks: UNREACHABLE };
  const environment = standAloneEnvironment(service, hosts ?? unreachable);
  const begin = performance.now();
  const running = await AssembledProcess.start({
    service,
    app,
    environment,
    overrides: compileCache ? {} : { NODE_COMPILE_CACHE: undefined },
  });
  try {
    const url = await running.url();
    const healthyMs = (await answers(`${url}/healthz`)) - begin;
    const readyMs = hosts === undefined ? NaN : (await answers(`${url}/readyz`)) - begin;
    const cpuMs = await processorMs(running.pid);
    if (measureIdle) await sleep(SETTLE_MS);
    return { healthyMs, readyMs, cpuMs, idleBytes: measureIdle ? await residentBytes(running.pid) : NaN };
  } finally {
    await running.stop();
  }
}

async function answers(url: string): Promise<number> {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} says ${response.status}: ${text}`);
  return performance.now();
}

async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid ?? 'self'}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) * 1_024;
}

/**
 * Fields 14 and 15 of /proc/<pid>/stat, in ticks, of which Linux counts 100 in a second; field 2 is the name in
 * brackets.
 */
async function processorMs(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid ?? 'self'}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? NaN) + Number(fields[12] ?? NaN)) * 10;
}
