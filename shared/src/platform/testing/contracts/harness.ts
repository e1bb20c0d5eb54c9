import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend } from '../../backends/backend.ts';
import type { Topology } from '../../ports/topology-types.ts';

/** What a contract suite needs from the backend that it is registered for. */
export interface ContractHarness {
  readonly name: string;
  /** False where the engine is another process that a test cannot crash; the tests of crashes are then skipped. */
  readonly canCrash: boolean;
  /** A backend on which this topology exists. Names are new for every test, so an engine may outlive many opens. */
  open(topology: Topology): Promise<OpenedBackend>;
}

export interface OpenedBackend {
  /** Its `deliverTo` must deliver by itself: a harness of a push backend mounts the routes. */
  readonly backend: Backend;
  /** Ends the backend without any goodbye, and opens what a crash leaves behind. Only with `canCrash`. */
  crashAndReopen?(): Promise<Backend>;
  /** Closes everything that is open, also after a crash. */
  close(): Promise<void>;
}

/** Runs a test on a fresh topology, and always closes the backend. */
export async function withBackend<T extends Topology>(
  harness: ContractHarness,
  topology: T,
  run: (backend: Backend, topology: T, opened: OpenedBackend) => Promise<void>,
): Promise<void> {
  const opened = await harness.open(topology);
  try {
    await run(opened.backend, topology, opened);
  } finally {
    await opened.close();
  }
}

export async function crash(opened: OpenedBackend): Promise<Backend> {
  if (opened.crashAndReopen === undefined) throw new Error('A harness that says canCrash has crashAndReopen');
  return opened.crashAndReopen();
}

/** Letters and digits that no earlier test has used. */
export function freshSuffix(): string {
  return randomBytes(6).toString('hex');
}

/** That something does not happen can only be watched for a while. */
export async function staysTrue(check: () => boolean, forMs: number): Promise<boolean> {
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    if (!check()) return false;
    await sleep(50);
  }
  return check();
}

/** A promise and the function that resolves it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    opened: promise,
    open: () => {
      resolve(undefined);
    },
  };
}
