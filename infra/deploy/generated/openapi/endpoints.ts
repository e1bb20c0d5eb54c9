import { operations } from '@paid-community/intake-service/operator/routes.ts';
import { refundPurchase } from '@paid-community/intake-service/purchases/refund-purchase.ts';
import { requestInvite } from '@paid-community/intake-service/purchases/request-invite.ts';
import { showRequest } from '@paid-community/intake-service/purchases/show-request.ts';
import { receiveBotWebhook, receiveWebhook } from '@paid-community/join-tracker/updates/receive-webhook.ts';
import type { EndpointDescription } from '@paid-community/shared/platform/http/endpoint.ts';
import { healthz, readyz } from '@paid-community/shared/platform/http/health.ts';
import { metrics } from '@paid-community/shared/platform/http/metrics-route.ts';

/** Endpoints that belong together; in one process they are all on one port. */
export interface Group {
  readonly tag: string;
  readonly description: string;
  readonly endpoints: readonly EndpointDescription[];
}

/** Every route for callers from outside. Those of Pub/Sub and Cloud Tasks are between our own parts. */
export const groups: readonly Group[] = [
  {
    tag: 'purchases',
    description: 'For WebEngage and for shops. On Google Cloud: intake-service.',
    endpoints: [requestInvite, showRequest, refundPurchase],
  },
  {
    tag: 'telegram',
    description: 'For Telegram. On Google Cloud: join-tracker.',
    endpoints: [receiveWebhook, receiveBotWebhook],
  },
  {
    tag: 'operators',
    description: 'What `npm run ops` speaks. On Google Cloud: intake-service. Every action is logged.',
    endpoints: operations,
  },
  { tag: 'process', description: 'Of each process.', endpoints: [healthz, readyz, metrics] },
];
