import { test } from '@jest/globals';
import { whyNotConfined } from './confined-process.ts';

/**
 * Registers tests that give a process a root folder of its own, or says why they are skipped. With
 * REQUIRE_ROOT_FOLDER=1, as in CI, that is a failure.
 */
export function withConfinement(register: () => void): void {
  const why = whyNotConfined();
  if (why === undefined) {
    register();
    return;
  }
  if (process.env['REQUIRE_ROOT_FOLDER'] === '1') {
    test('a process can be given a root folder of its own', () => {
      throw new Error(`REQUIRE_ROOT_FOLDER=1, but a process cannot be confined here: ${why}`);
    });
    return;
  }
  process.stderr.write(
    `SKIPPED, because a process cannot be confined here (${why}). REQUIRE_ROOT_FOLDER=1 makes that a failure.\n`,
  );
  test.skip(`skipped: ${why}`, () => undefined);
}
