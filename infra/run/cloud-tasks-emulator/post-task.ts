import { request as requestHttp, type OutgoingHttpHeaders } from 'node:http';
import { request as requestHttps } from 'node:https';
import { errorMessage } from '@paid-community/shared/platform/ports/errors.ts';

export interface TaskRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer | undefined;
}

export type Outcome =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: string | undefined }
  | { readonly kind: 'unanswered'; readonly reason: string };

/**
 * One attempt; never rejects. A connection of its own: a kept one may lead to a handler that is gone. Redirects, which
 * the real service may follow, are answers like others here.
 */
export function postTask({ method, url, headers, body }: TaskRequest, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const failed = (error: unknown): void => {
      resolve({ kind: 'unanswered', reason: signal.aborted ? 'DEADLINE_EXCEEDED' : errorMessage(error) });
    };
    const send = url.startsWith('https:') ? requestHttps : requestHttp;
    const call = send(
      url,
      { method, agent: false, headers: { ...headers, 'content-length': body?.length ?? 0 }, signal },
      (response) => {
        response.on('error', failed);
        response.on('end', () => {
          resolve({ kind: 'answered', status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
        });
        response.resume();
      },
    );
    call.on('error', failed);
    call.end(body);
  });
}
