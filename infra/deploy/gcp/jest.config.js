/**
 * As in the root: Node's own type stripping is the only transform, and the packages of the root are found by their
 * folders.
 */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/../../../strip-types.js' },
  moduleNameMapper: { '^@paid-community/([^/]+)/(.+)$': '<rootDir>/../../../$1/src/$2' },
  testTimeout: 60_000,
  maxWorkers: 2,
};
