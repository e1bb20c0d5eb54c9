/** Operations work in pieces of a few seconds; this is for a system under load. */
const TIMEOUT_MS = 60_000;

/** Nobody was reached, so nothing was done. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** The system refused, or there was no answer (status 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }

  /** Whether it may have been done all the same, or half. */
  get isOpen(): boolean {
    return this.status >= 500 || (this.status === 0 && !NEVER_SENT.has(faultOf(this.cause)));
  }
}

export type Answer = Readonly<Record<string, unknown>>;
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The operator API; paths are below /v1/ops. */
export interface OpsApi {
  /** `T` is what the OpenAPI file says of the answer. @throws ApiError */
  get<T extends object>(path: string, query?: Query): Promise<T>;
  /** Fields that are undefined are not sent. @throws ApiError */
  post<T extends object>(path: string, body?: object): Promise<T>;
}

export function connectOpsApi({ url, key }: { readonly url: string; readonly key: string }): OpsApi {
  return {
    get: (path, query = {}) => {
      const given = Object.fromEntries(
        Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
      );
      const search = Object.keys(given).length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
      return call(`${url}/v1/ops${path}${search}`, key, { method: 'GET' });
    },
    post: (path, body = {}) => call(`${url}/v1/ops${path}`, key, { method: 'POST', body: JSON.stringify(body) }),
  };
}

interface Request {
  readonly method: 'GET' | 'POST';
  /** JSON text. */
  readonly body?: string;
}

async function call<T extends object>(url: string, key: string, request: Request): Promise<T> {
  const { status, text } = await send(url, key, request);
  const answer = parse(text);
  if (status === 200 && answer?.['ok'] === true) return answer as T;
  throw new ApiError(status, describeRefusal(status, answer));
}

async function send(
  url: string,
  key: string,
  request: Request,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    // A redirect would carry the key to another host.
    const response = await fetch(url, {
      ...request,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw new ApiError(
      0,
      `${new URL(url).origin} cannot be reached: ${faultOf(error)}. Is --url (or OPERATOR_URL) right, and is the system running?`,
      { cause: error },
    );
  }
}

function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1_000} s`;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message;
}

function describeRefusal(status: number, answer: Answer | undefined): string {
  const error = answer?.['error'] as { readonly message?: unknown; readonly issues?: unknown } | undefined;
  if (typeof error?.message !== 'string')
    return `The answer has status ${status} and is none of this system: is --url right?`;
  const issues = Array.isArray(error.issues)
    ? (error.issues as { readonly path: string; readonly message: string }[])
    : [];
  return [error.message, ...issues.map(({ path, message }) => `${path.slice(1) || 'the whole'} ${message}`)].join('; ');
}

function parse(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Answer) : undefined;
  } catch {
    // Some proxy's page; the status says enough.
    return undefined;
  }
}
