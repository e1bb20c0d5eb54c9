import { errorCode } from '../ports/errors.ts';
import { httpClientDuration } from './metric-definitions.ts';
import type { Series, Telemetry } from './telemetry.ts';

/** `template` is the path; a part that is secret, or differs from customer to customer, is a `{placeholder}`. */
export type MeasureCall = <Answer extends { readonly status: number }>(
  template: string,
  post: () => Promise<Answer>,
) => Promise<Answer>;

/** Measures POSTs to an outside system: each has a span, and a duration with the answer that came. */
export function callMeasurement(telemetry: Telemetry, root: string): MeasureCall {
  const server = { 'http.request.method': 'POST', ...addressOf(root) } as const;
  const known = new Map<string, Series>();
  const durationOf = (template: string, outcome: Outcome): Series => {
    const key = `${template} ${Object.values(outcome).join()}`;
    const series =
      known.get(key) ?? telemetry.series(httpClientDuration, { ...server, 'url.template': template, ...outcome });
    known.set(key, series);
    return series;
  };
  return async (template, post) => {
    const startedAt = performance.now();
    // The template in the place of the path: Telegram's URLs hold the bot token, WebEngage's the licence.
    const attributes = () => ({ ...server, 'url.full': `${root}${template}`, 'url.template': template });
    let outcome: Outcome = {};
    try {
      return await telemetry.inSpan({ kind: 'client', name: `POST ${template}`, attributes }, async (span) => {
        const answer = await post();
        outcome = outcomeOf(answer.status);
        span.set({ 'http.response.status_code': answer.status });
        if (answer.status >= 400) span.fail(String(answer.status));
        return answer;
      });
    } catch (error) {
      outcome = { 'error.type': errorCode(error) };
      throw error;
    } finally {
      durationOf(template, outcome).record((performance.now() - startedAt) / 1_000);
    }
  };
}

interface Outcome {
  readonly 'http.response.status_code'?: number;
  readonly 'error.type'?: string;
}

function outcomeOf(status: number): Outcome {
  return { 'http.response.status_code': status, ...(status >= 400 ? { 'error.type': String(status) } : {}) };
}

function addressOf(root: string): { readonly 'server.address': string; readonly 'server.port': number } {
  const { hostname, port, protocol } = new URL(root);
  const usualPort = protocol === 'https:' ? 443 : 80;
  return { 'server.address': hostname, 'server.port': port === '' ? usualPort : Number(port) };
}
