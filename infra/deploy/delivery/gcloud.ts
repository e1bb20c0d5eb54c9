import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Place } from './options.ts';

const run = promisify(execFile);

/** Runs the gcloud command line in one project and gives back what it printed. Its own words are in the error. */
export type Gcloud = (...args: readonly string[]) => Promise<string>;

export function gcloudIn({ project }: Pick<Place, 'project'>): Gcloud {
  return async (...args) => {
    const { stdout } = await run('gcloud', [...args, `--project=${project}`, '--quiet'], {
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  };
}
