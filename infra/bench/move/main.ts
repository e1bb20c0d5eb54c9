import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  withStoppedStore,
  type StoppedStore,
} from '@paid-community/shared/platform/backends/embedded/stopped-store.ts';
import { bareBulkWriter } from '@paid-community/shared/platform/backends/gcp/testing/bare-bulk-writer.ts';
import { FirestoreImport } from '@paid-community/shared/platform/backends/gcp/firestore-import.ts';
import { openBackend } from '@paid-community/shared/platform/backends/open-backend.ts';
import { inviteRequests, type InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { createDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { writeMoveRecord } from '@paid-community/shared/platform/backends/embedded/move-record.ts';
import { orExit } from '../../ops/command-line/or-exit.ts';
import { readOptions } from '../../ops/command-line/read-arguments.ts';
import { wholeNumber } from '../../ops/command-line/whole-number.ts';
import { startEmulators } from '../../run/emulators/start-emulators.ts';
import { compareDocuments, moveDocuments } from '../../ops/move/move-documents.ts';

// Documents a second of a move, with all that makes it resumable, beside a bare BulkWriter of the same documents; both
// without a limit on their pace.

const documents = orExit(
  () =>
    wholeNumber(
      '--documents',
      readOptions(process.argv.slice(2), { documents: { type: 'string' } }).documents ?? '100000',
      1,
      10_000_000,
    ),
  'npm run bench:move -- [--documents 100000]\n',
);
const dataDir = mkdtempSync(join(tmpdir(), 'bench-move-'));
const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, load ${load()}; Node ${process.versions.node}; Firestore emulator; ${documents} requests`,
);

const BATCH = 500;
await fill();
const emulators = await startEmulators({});
try {
  await withStoppedStore({ dataDir, topology, clock: systemClock }, async (store) => {
    // In turns, so that each meets the emulator cold once.
    for (const project of ['first', 'second']) {
      const works = [() => move(store, project), () => bare(store, project)];
      for (const work of project === 'first' ? works : works.reverse()) await work();
    }
  });
} finally {
  await emulators.stop();
  rmSync(dataDir, { recursive: true });
}

async function move(store: StoppedStore, project: string): Promise<void> {
  const target = new FirestoreImport({ projectId: `moved-${project}`, emulatorHost: emulators.firestoreHost }, 'bench');
  const record = {
    to: { project, database: '', location: '', queue: '' },
    startedAt: new Date(systemClock.now()).toISOString(),
    documents: {},
    tasks: {},
    messages: {},
    conflicts: [],
  };
  const deps = { store, target, clock: systemClock, progress: () => undefined };
  const startedAtMs = performance.now();
  await moveDocuments(record, { ...deps, pace: undefined, save: (changed) => writeMoveRecord(dataDir, changed) });
  const movedAtMs = performance.now();
  print('move', movedAtMs - startedAtMs);
  const [compared] = await compareDocuments(record, deps);
  if (compared?.same !== documents) throw new Error('Not everything was moved');
  print('comparison after it', performance.now() - movedAtMs);
  await target.close();
}

async function bare(store: StoppedStore, project: string): Promise<void> {
  // Read before: only its writes count.
  const all = [...store.documents(inviteRequests)].flatMap(({ rows }) => rows);
  const startedAtMs = performance.now();
  await bareBulkWriter({ projectId: `bare-${project}`, emulatorHost: emulators.firestoreHost }, inviteRequests, all);
  print('bare BulkWriter', performance.now() - startedAtMs);
}

function print(what: string, ms: number): void {
  console.log(
    `  ${what.padEnd(20)} ${String(Math.round((documents * 1_000) / ms)).padStart(6)} documents a second; load ${load()}; this process ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
  );
}

async function fill(): Promise<void> {
  const backend = await openBackend({
    backend: 'embedded',
    dataDir,
    topology,
    clock: systemClock,
    log: createLogger({ level: 'silent', secrets: [] }),
  });
  for (let from = 0; from < documents; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, documents - from) }, (_, index) => request(from + index));
    await backend.store.commit(batch.map((data) => createDocument(inviteRequests, data.requestId, data)));
  }
  await backend.close();
}

function request(index: number): InviteRequestDocument {
  const at = new Date(systemClock.now()).toISOString();
  return {
    requestId: crypto.randomUUID(),
    userId: `user-${index}`,
    transactionId: `txn-${index}`,
    communityId: 'default',
    status: 'DONE',
    attempts: 1,
    createdAt: at,
    updatedAt: at,
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    inviteLink: `https://t.me/+${index}`,
    telegramChatId: '-1001234567890',
    linkCreatedAt: at,
    expiresAt: '2099-01-01T00:00:00.000Z',
  };
}
