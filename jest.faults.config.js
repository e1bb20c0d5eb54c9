import base from './jest.config.js';

/** The long runs: npm run test:faults. */
export default { ...base, testMatch: ['**/*.faults.ts'] };
