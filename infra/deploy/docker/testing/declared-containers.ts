import { readFileSync } from 'node:fs';
import type { ServiceName } from '@paid-community/shared/model/services.ts';

/** What Cloud Run gives a container. */
export interface DeclaredContainer {
  readonly variables: Readonly<Record<string, string>>;
  /** Variables that come from Secret Manager. */
  readonly secrets: readonly string[];
  readonly port: number;
  readonly startupPath: string;
  readonly livenessPath: string;
}

/** As the Pulumi program declares them. It writes the file, and its tests hold that the file is what it declares. */
export function readDeclaredContainers(): Readonly<Record<ServiceName, DeclaredContainer>> {
  return JSON.parse(readFileSync(new URL('declared-containers.json', import.meta.url), 'utf8')) as Record<
    ServiceName,
    DeclaredContainer
  >;
}
