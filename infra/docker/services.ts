import type { ServiceName } from '@paid-community/shared/topology-types.ts';

/** Each becomes an image of its own. */
export const SERVICES: readonly ServiceName[] = ['intake-service', 'link-worker', 'join-tracker', 'event-emitter'];
