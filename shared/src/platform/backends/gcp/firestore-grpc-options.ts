import { CALL_DEADLINE_MS } from './call-limits.ts';
import { keepAliveOptions } from './connection.ts';

/**
 * Firestore's client takes no options per call, and gives a read 300 s for one attempt, so the deadline is given to
 * gRPC below it. The client makes up to five attempts; those after the first deadline are in the background, when our
 * caller has been told.
 * https://github.com/grpc/grpc/blob/master/doc/service_config.md
 */
export const firestoreGrpcOptions = {
  ...keepAliveOptions,
  'grpc.service_config': JSON.stringify({
    loadBalancingConfig: [],
    methodConfig: [{ name: [{ service: 'google.firestore.v1.Firestore' }], timeout: `${CALL_DEADLINE_MS / 1_000}s` }],
  }),
};
