import type { Clock } from '../../ports/clock.ts';
import { RetryableError } from '../../ports/errors.ts';
import { CALL_DEADLINE_MS } from './call-limits.ts';
import { LazyClient } from './lazy-client.ts';

// Cloud Monitoring over its REST API (https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/list):
// the client library would be 30 MB for one call.

const API_ROOT = 'https://monitoring.googleapis.com';
const SCOPE = 'https://www.googleapis.com/auth/monitoring.read';
/** Figures come once a minute, and some minutes late. */
const LOOK_BACK_MS = 10 * 60_000;

/** The part of google-auth-library's clients that is used: an HTTP call with the token of this process. */
export interface AuthorizedClient {
  request(call: {
    readonly url: string;
    readonly params: Readonly<Record<string, string>>;
    readonly timeout: number;
  }): Promise<{ readonly data: unknown }>;
}

export interface MonitoringOptions {
  readonly projectId: string;
  /** Default: Google's. */
  readonly apiRoot?: string;
  /** Default: with the credentials of this process. */
  readonly authorize?: () => Promise<AuthorizedClient>;
}

/** Reads figures that Google keeps about subscriptions and queues. Needs the role monitoring.viewer. */
export class Monitoring {
  readonly #options: MonitoringOptions;
  readonly #clock: Clock;
  readonly #client: LazyClient<AuthorizedClient>;

  constructor(options: MonitoringOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#client = new LazyClient(options.authorize ?? withOwnCredentials, () => Promise.resolve());
  }

  /**
   * The newest value of a metric for one resource, and when it was taken; undefined when there is none in the last ten
   * minutes.
   * @throws RetryableError when Monitoring did not answer with figures.
   */
  async latest(
    metric: string,
    resource: Readonly<Record<string, string>>,
  ): Promise<{ readonly value: number; readonly at: Date } | undefined> {
    const nowMs = this.#clock.now();
    const labels = Object.entries(resource).map(([label, value]) => ` AND resource.labels.${label} = "${value}"`);
    const { data } = await this.#client.call(`Reading ${metric} from Cloud Monitoring`, (client) =>
      client.request({
        url: `${this.#options.apiRoot ?? API_ROOT}/v3/projects/${this.#options.projectId}/timeSeries`,
        params: {
          filter: `metric.type = "${metric}"${labels.join('')}`,
          'interval.startTime': new Date(nowMs - LOOK_BACK_MS).toISOString(),
          'interval.endTime': new Date(nowMs).toISOString(),
          pageSize: '1',
        },
        timeout: CALL_DEADLINE_MS,
      }),
    );
    const point = newestPoint(data);
    if (point === undefined) return undefined;
    // An int64 comes as text.
    const value = Number(point.value?.int64Value ?? point.value?.doubleValue);
    const at = new Date(point.interval?.endTime ?? '');
    if (Number.isNaN(value) || Number.isNaN(at.getTime()))
      throw new RetryableError('unexpected_answer', `Cloud Monitoring answered without a value of ${metric}`);
    return { value, at };
  }
}

interface Point {
  readonly interval?: { readonly endTime?: string };
  readonly value?: { readonly int64Value?: string | number; readonly doubleValue?: number };
}

/** "Points are in reverse time order." A series without a point is one without a figure. */
function newestPoint(answer: unknown): Point | undefined {
  return (answer as { readonly timeSeries?: readonly { readonly points?: readonly Point[] }[] } | null)?.timeSeries?.[0]
    ?.points?.[0];
}

async function withOwnCredentials(): Promise<AuthorizedClient> {
  const { GoogleAuth } = await import('google-auth-library');
  return new GoogleAuth({ scopes: [SCOPE] }).getClient();
}
