/**
 * Preloaded (`node --import`) into a process whose death at each step is tried: it kills the process just before its
 * n-th call that may change a file, or stops it there until somebody lets it go on; the last parameter of the process
 * says which: `12:SIGKILL`. What is tried knows nothing of it, so no step is left out.
 */
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type sqlite from 'node:sqlite';

const [call, wantedSignal] = process.argv.at(-1)?.split(':') ?? [];
const moment = Number(call);
const signal = wantedSignal === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL';
let calls = 0;

function counted(of: object, name: string): void {
  const original: unknown = Reflect.get(of, name);
  if (typeof original !== 'function') throw new Error(`There is no function ${name}`);
  Reflect.set(of, name, function (this: unknown, ...args: unknown[]): unknown {
    calls += 1;
    if (calls === moment) process.kill(process.pid, signal);
    return Reflect.apply(original, this, args) as unknown;
  });
}

const engine = createRequire(import.meta.url)('node:sqlite') as typeof sqlite;
for (const name of ['writeFileSync', 'renameSync', 'linkSync', 'rmSync', 'fsyncSync', 'fchmodSync']) counted(fs, name);
for (const name of ['exec', 'close']) counted(engine.DatabaseSync.prototype, name);
counted(engine, 'backup');
syncBuiltinESMExports();
