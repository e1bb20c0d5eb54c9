import { communityCalls } from './example-calls/community-calls.ts';
import { healthCalls } from './example-calls/health-calls.ts';
import { membershipCalls } from './example-calls/membership-calls.ts';
import { purchaseCalls } from './example-calls/purchase-calls.ts';
import { recoveryCalls } from './example-calls/recovery-calls.ts';
import type { ExampleCall } from './example-calls/example-call.ts';

/** Made one after the other against one system: what one changes, the next may show. */
export const exampleCalls: readonly ExampleCall[] = [
  ...purchaseCalls,
  ...recoveryCalls,
  ...communityCalls,
  ...membershipCalls,
  ...healthCalls,
];
