import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceName } from '@paid-community/shared/model/services.ts';

/** How the final stage of the Dockerfile starts a service. */
export interface ImageSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** The program and its parameters. */
  readonly command: readonly string[];
  readonly uid: number;
  readonly nodeVersion: string;
}

/**
 * Read from the Dockerfile itself, so that what is tried here is what the image does. `app` stands for the image's
 * /app.
 * @throws when the Dockerfile lacks an instruction, or has it in another form than this understands.
 */
export async function readImageSettings(service: ServiceName, app: string): Promise<ImageSettings> {
  const text = await readFile(join(import.meta.dirname, 'Dockerfile'), 'utf8');
  const finalStage = text.slice(text.lastIndexOf('\nFROM '));
  const one = (pattern: RegExp, from = finalStage): string => {
    const found = pattern.exec(from)?.[1];
    if (found === undefined) throw new Error(`The Dockerfile has nothing like ${String(pattern)}`);
    return found.replaceAll('${SERVICE}', service).replaceAll(/(?<=^|=|\s)\/app(?=\/|\s|$)/g, app);
  };
  const variables = one(/^ENV (.+)$/m)
    .split(' ')
    .map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    });
  return {
    environment: Object.fromEntries(variables),
    workingDirectory: one(/^WORKDIR (.+)$/m),
    command: JSON.parse(one(/^CMD (\[.+\])$/m)) as string[],
    uid: Number(one(/^USER (\d+):\d+$/m)),
    nodeVersion: one(/^FROM node:([\d.]+)-[a-z]+-slim AS node$/m, text),
  };
}
