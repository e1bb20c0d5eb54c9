import { backoffSettings, CALL_DEADLINE_MS } from './call-limits.ts';

// Firestore's client takes no options per call: the generated client below it takes them as one configuration.

const limits = { timeout_millis: CALL_DEADLINE_MS, retry_codes_name: 'broken_connection', retry_params_name: 'short' };

export const firestoreClientConfig = {
  interfaces: {
    'google.firestore.v1.Firestore': {
      // ABORTED: another commit held the document; nothing was written.
      retry_codes: { broken_connection: ['UNAVAILABLE'], broken_connection_or_contention: ['UNAVAILABLE', 'ABORTED'] },
      retry_params: {
        short: {
          initial_retry_delay_millis: backoffSettings.initialRetryDelayMillis,
          retry_delay_multiplier: backoffSettings.retryDelayMultiplier,
          max_retry_delay_millis: backoffSettings.maxRetryDelayMillis,
          initial_rpc_timeout_millis: backoffSettings.initialRpcTimeoutMillis,
          rpc_timeout_multiplier: backoffSettings.rpcTimeoutMultiplier,
          max_rpc_timeout_millis: backoffSettings.maxRpcTimeoutMillis,
          total_timeout_millis: backoffSettings.totalTimeoutMillis,
        },
      },
      methods: {
        BatchGetDocuments: limits,
        RunQuery: limits,
        RunAggregationQuery: limits,
        Commit: { ...limits, retry_codes_name: 'broken_connection_or_contention' },
      },
    },
  },
};
