import type { Backend } from './backend.ts';
import type { EmbeddedBackendOptions } from './embedded/open-embedded-backend.ts';
import type { GcpBackendOptions } from './gcp/open-gcp-backend.ts';

export type BackendOptions =
  ({ readonly backend: 'embedded' } & EmbeddedBackendOptions) | ({ readonly backend: 'gcp' } & GcpBackendOptions);

/**
 * The only place that chooses an engine. Each is imported only when it is chosen, and there is no fallback from one to
 * the other.
 */
export async function openBackend(options: BackendOptions): Promise<Backend> {
  switch (options.backend) {
    case 'embedded':
      return (await import('./embedded/open-embedded-backend.ts')).openEmbeddedBackend(options);
    case 'gcp':
      return (await import('./gcp/open-gcp-backend.ts')).openGcpBackend(options);
  }
}
