import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

// Tests start hundreds of processes: each finds the code compiled that an earlier one has compiled.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/node', import.meta.url));

/** Tests are TypeScript run as ES modules; Node's own type stripping is the only transform. */
export default {
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/infra/tests/emulators/set-up.ts',
  globalTeardown: '<rootDir>/infra/tests/emulators/tear-down.ts',
  testPathIgnorePatterns: ['/node_modules/', '/infra/deploy/gcp/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/strip-types.js' },
  // A backstop: tests wait for conditions, and the machine may be busy with others' work.
  testTimeout: 180_000,
  // More than there are cores: tests wait for processes, disks and clocks for much of their time.
  // jest reads a share of more than 100 % as so many workers: '150%' starts 150.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
};
