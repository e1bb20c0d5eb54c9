import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';

// Where Debian's package `faketime` has put it, by architecture.
const LIBRARY = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
  .map((triple) => `/usr/lib/${triple}/faketime/libfaketimeMT.so.1`)
  .find((file) => existsSync(file));

/**
 * Registers tests that need libfaketime, or says why they are skipped. With REQUIRE_FAKETIME=1, as in CI, its absence
 * is a failure.
 */
export function withFakeTime(register: () => void): void {
  if (LIBRARY !== undefined) {
    register();
    return;
  }
  if (process.env['REQUIRE_FAKETIME'] === '1') {
    test('libfaketime is installed', () => {
      throw new Error('REQUIRE_FAKETIME=1, but libfaketime is absent: apt-get install faketime');
    });
    return;
  }
  process.stderr.write(
    'SKIPPED, because libfaketime is absent (apt-get install faketime). REQUIRE_FAKETIME=1 makes that a failure.\n',
  );
  test.skip('skipped: libfaketime is absent', () => undefined);
}

/**
 * The clock of the processes that are started with these variables, set while they run. What is monotonic stays as it
 * is.
 */
export class FakeTime {
  readonly #file: string;

  constructor(folder: string) {
    this.#file = join(folder, 'fake-time');
    this.setAhead(0);
  }

  get environment(): Record<string, string> {
    return {
      LD_PRELOAD: LIBRARY ?? '',
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      // The first is what 0.9.10 reads, the second what is older.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** So many seconds ahead of the true time, or behind it. */
  setAhead(seconds: number): void {
    // In one step: a reader never sees half of it.
    writeFileSync(`${this.#file}.new`, `${seconds < 0 ? '' : '+'}${seconds}`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}
