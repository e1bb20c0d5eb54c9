import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Section } from '../report.ts';
import { whole } from '../statistics.ts';

const BLOCK = Buffer.alloc(4096, 1);

/** Appends 4 KiB and waits for the disk, again and again. */
export function measureFsyncs(folder: string, durationMs: number): number {
  const file = openSync(join(folder, 'fsync'), 'w');
  const startedAt = performance.now();
  let count = 0;
  let elapsedMs = 0;
  while (elapsedMs < durationMs) {
    writeSync(file, BLOCK);
    fdatasyncSync(file);
    count += 1;
    elapsedMs = performance.now() - startedAt;
  }
  closeSync(file);
  return (count * 1_000) / elapsedMs;
}

export function diskSection(fsyncsPerSecond: number): Section {
  return {
    title: 'Disk',
    rows: [
      {
        measure: 'append 4 KiB + fdatasync, one after the other',
        goal: '',
        figure: `${whole(fsyncsPerSecond)}/s`,
        reference: '',
        values: { fsyncsPerSecond },
      },
    ],
    notes: [],
    voidBecause: [],
  };
}
