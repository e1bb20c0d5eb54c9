import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

/** A jest transformer: erases the types as `node file.ts` does, so tests run what production runs. */
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
  getCacheKey: (source) => createHash('sha256').update(process.version).update(source).digest('hex'),
};
