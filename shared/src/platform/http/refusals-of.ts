import type { EndpointDescription } from './endpoint.ts';
import { statusOfCode, type HttpErrorCode } from './http-error.ts';

/** A route of any kind: no Host, a head that is late or too large, a pipeline that is too long, a fault of ours. */
const OF_EVERY_ROUTE: readonly HttpErrorCode[] = [
  'invalid_request',
  'request_timeout',
  'too_many_requests',
  'headers_too_large',
  'internal_error',
];

const OF_A_BODY: readonly HttpErrorCode[] = ['payload_too_large', 'unsupported_media_type'];

/** Every code that an endpoint can answer, in the order of their statuses. */
export function refusalsOf({
  method,
  security,
  refusals,
}: Pick<EndpointDescription, 'method' | 'security' | 'refusals'>): readonly HttpErrorCode[] {
  const codes = new Set<HttpErrorCode>([...OF_EVERY_ROUTE, ...refusals]);
  if (security !== undefined) codes.add('unauthorized');
  if (method === 'POST') for (const code of OF_A_BODY) codes.add(code);
  return [...codes].toSorted((a, b) => statusOfCode[a] - statusOfCode[b]);
}
