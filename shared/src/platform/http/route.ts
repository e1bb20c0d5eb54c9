import type { IncomingHttpHeaders } from 'node:http';

/** A request as a handler sees it: no framework, and a body that nobody has checked yet. */
export interface HttpRequest {
  readonly headers: IncomingHttpHeaders;
  /** Named segments of the path. */
  readonly params: Readonly<Record<string, string>>;
  /** The query string; the first value of a name that is given twice. */
  readonly query: Readonly<Record<string, string>>;
  /** Parsed JSON, a string, or a Buffer, as the route asks for; undefined for a route that takes no body. */
  readonly body: unknown;
  /** Name of the caller, from `authenticate`; `anybody` where nobody is asked. */
  readonly caller: string;
  /** W3C trace context of this request: the caller's, or a new one. */
  readonly traceparent: string;
}

export interface HttpResponse {
  readonly status: number;
  /** An object is sent as JSON. */
  readonly body: object | string;
  /** Needed for a text. */
  readonly contentType?: string | undefined;
}

/**
 * Returns a name for the caller, which is no secret: each caller has a share of its own. `bytes` is the body as it was
 * sent, where the route asks for its bytes; otherwise it is empty, because the body has not been read. `params` are
 * those of the path.
 * @throws HttpError 401 when the caller has not proved who it is.
 */
export type Authenticate = (
  headers: IncomingHttpHeaders,
  bytes: Buffer,
  params: HttpRequest['params'],
) => Promise<string> | string;

/** How a POST body is read. */
export interface BodyRule {
  /**
   * `json` and `text` are UTF-8. `json` is parsed and must be declared as JSON; `text` may be declared as anything.
   * `bytes` is for signatures: the body as it was sent, of any declared type, and never with a Content-Encoding.
   */
  readonly form: 'json' | 'text' | 'bytes';
  /** As it comes, and again without its Content-Encoding. */
  readonly maxBytes: number;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Path with `:name` segments. */
  readonly path: string;
  /**
   * False: no span of its own, because the message or task that it brings has one, or because nobody wants to see it.
   */
  readonly traced?: false | undefined;
  /** Runs before a byte of the body is read; over the bytes, before anything is parsed, where the route asks for them. */
  readonly authenticate?: Authenticate | undefined;
  /** JSON of at most 64 KiB unless said otherwise. */
  readonly body?: BodyRule | undefined;
  /**
   * Requests of one caller that may be under way at once, until their answers have left; 1,000 unless said otherwise.
   * Beyond it: 429.
   */
  readonly atOnce?: number | undefined;
  readonly handle: (request: HttpRequest) => Promise<HttpResponse>;
}
