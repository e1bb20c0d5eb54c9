/** Tests are TypeScript run as ES modules; Node's own type stripping is the only transform. */
export default {
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/infra/deploy/gcp/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/strip-types.js' },
  // Child processes and SQLite files: the default of 5 s is for pure functions.
  testTimeout: 30_000,
  maxWorkers: 2,
};
