import { accessSync, existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from '@jest/globals';

/** Folder of the emulator inside the Google Cloud SDK. */
export type EmulatorComponent = 'cloud-firestore-emulator' | 'pubsub-emulator';

/**
 * Registers tests that need these emulators, or says why they are skipped. With REQUIRE_EMULATORS=1, as in CI, a
 * missing emulator is a failure.
 */
export function withEmulators(components: readonly EmulatorComponent[], register: () => void): void {
  const missing = missingFor(components);
  if (missing.length === 0) {
    register();
    return;
  }
  const why = `not found: ${missing.join(', ')}`;
  if (process.env['REQUIRE_EMULATORS'] === '1') {
    test('the emulators are installed', () => {
      throw new Error(`REQUIRE_EMULATORS=1, but ${why}`);
    });
    return;
  }
  process.stderr.write(`SKIPPED, because an emulator is absent (${why}). REQUIRE_EMULATORS=1 makes that a failure.\n`);
  test.skip(`skipped: ${why}`, () => undefined);
}

function missingFor(components: readonly EmulatorComponent[]): string[] {
  if (components.length === 0) return [];
  const gcloud = findProgram('gcloud');
  const programs = [
    ...(gcloud === undefined ? ['gcloud'] : []),
    ...(findProgram('java') === undefined ? ['java'] : []),
  ];
  if (gcloud === undefined) return programs;
  const platform = join(realpathSync(gcloud), '..', '..', 'platform');
  return [...programs, ...components.filter((component) => !existsSync(join(platform, component)))];
}

function findProgram(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file);
        return true;
      } catch {
        return false;
      }
    });
}
