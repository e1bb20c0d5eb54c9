import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median } from '../statistics.ts';

/** With what each of Google's clients needs, google-gax and gRPC, loaded before: they share it. */
const AFTER_GAX = [
  'google-gax',
  '@google-cloud/firestore',
  '@google-cloud/pubsub/build/src/v1/publisher_client.js',
  '@google-cloud/tasks',
];
const ALONE = ['google-auth-library', 'koa', '@koa/router', 'ajv', 'typebox', 'pino', 'axios', 'p-retry'];

/** For comparison: what the services would load without the sub-path. */
const WHOLE_PUBSUB = '@google-cloud/pubsub';

export interface ImportTime {
  readonly module: string;
  readonly ms: number;
  readonly cachedMs: number;
}

/** Medians over fresh processes that run in the assembled link-worker, which has all of them. */
export async function measureImports(app: string, rounds: number): Promise<readonly ImportTime[]> {
  const cases = [
    ...AFTER_GAX.map((module) => ({ module, before: module === 'google-gax' ? [] : ['google-gax'] })),
    { module: WHOLE_PUBSUB, before: ['google-gax'] },
    ...ALONE.map((module) => ({ module, before: [] })),
  ];
  const times: ImportTime[] = [];
  for (const { module, before } of cases) {
    const uncached: number[] = [];
    const cached: number[] = [];
    // The first with a cache fills it, for what the service itself does not load.
    await importMs(app, module, before, true);
    for (let round = 0; round < rounds; round += 1) {
      uncached.push(await importMs(app, module, before, false));
      cached.push(await importMs(app, module, before, true));
    }
    times.push({
      module: before.length === 0 ? module : `${module} (after google-gax)`,
      ms: median(uncached),
      cachedMs: median(cached),
    });
  }
  return times;
}

async function importMs(app: string, module: string, before: readonly string[], cached: boolean): Promise<number> {
  const script = `${before.map((name) => `await import('${name}');`).join('')}
    const begin = performance.now(); await import('${module}'); console.log(performance.now() - begin);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: join(app, 'shared'),
    env: cached ? { NODE_COMPILE_CACHE: join(app, 'compile-cache') } : {},
  });
  return Number(stdout);
}

/** An empty script, from start to end. */
export async function measureNodeItself(rounds: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const begin = performance.now();
    await promisify(execFile)(process.execPath, ['--eval', '']);
    times.push(performance.now() - begin);
  }
  return median(times);
}
