import { isMainThread } from 'node:worker_threads';
import { loadEnvFile } from './env-file.ts';

// Loaded in front of a program (node --import), so that it finds the variables of .env in its environment. Node's own
// --env-file leaves out what it cannot read, the first line behind a byte order mark or the whole of a UTF-16 file,
// without a word. Worker threads have the environment of the process.

if (isMainThread) {
  try {
    loadEnvFile('.env', process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'The .env file cannot be read'}\n`);
    process.exit(2);
  }
}
