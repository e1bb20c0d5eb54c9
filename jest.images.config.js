import base from './jest.config.js';

/** The images, built and run: npm run test:images. */
export default { ...base, testMatch: ['**/*.images.ts'] };
