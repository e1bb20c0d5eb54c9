import { openServer } from '../../../run/simulators/http/serve.ts';

/** A span as it came over the wire (https://github.com/open-telemetry/opentelemetry-proto, JSON over HTTP). */
export interface ReceivedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined for the first of a trace. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Traces that it points to. */
  readonly links: readonly string[];
  /** 2 = error. */
  readonly status: number;
}

export interface OtlpReceiver {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Everything that came, word for word. */
  readonly received: string;
  /** Names of the metrics that came, each with the service that sent it. */
  readonly metrics: ReadonlySet<string>;
  /** Values of a header of each call. */
  header(name: string): ReadonlySet<string | undefined>;
  close(): Promise<void>;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string; readonly doubleValue?: number };
}

interface WireSpan extends Omit<ReceivedSpan, 'attributes' | 'links' | 'status' | 'service'> {
  readonly attributes?: readonly Attribute[];
  readonly links?: readonly { readonly traceId: string }[];
  readonly status?: { readonly code?: number };
}

interface Batch {
  readonly resource: { readonly attributes: readonly Attribute[] };
  readonly scopeSpans?: readonly { readonly spans: readonly WireSpan[] }[];
  readonly scopeMetrics?: readonly { readonly metrics: readonly { readonly name: string }[] }[];
}

/** Takes traces and metrics on a free port of this machine. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const server = await openServer();
  const spans: ReceivedSpan[] = [];
  const metrics = new Set<string>();
  const headers: NodeJS.Dict<string | string[]>[] = [];
  let received = '';
  server.listen(async (request) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    received += text;
    headers.push(request.headers);
    const { resourceSpans = [], resourceMetrics = [] } = JSON.parse(text) as {
      resourceSpans?: Batch[];
      resourceMetrics?: Batch[];
    };
    for (const batch of resourceSpans) spans.push(...spansOf(batch));
    for (const batch of resourceMetrics) {
      for (const { name } of batch.scopeMetrics?.flatMap((scope) => scope.metrics) ?? [])
        metrics.add(`${serviceOf(batch)} ${name}`);
    }
    return { status: 200, body: {} };
  });
  return {
    url: server.url,
    spans,
    metrics,
    get received() {
      return received;
    },
    header: (name) => new Set(headers.map((of) => of[name]?.toString())),
    close: () => server.close(),
  };
}

function spansOf(batch: Batch): ReceivedSpan[] {
  return (batch.scopeSpans ?? []).flatMap((scope) =>
    scope.spans.map(({ traceId, spanId, parentSpanId, name, kind, attributes = [], links = [], status }) => ({
      service: serviceOf(batch),
      traceId,
      spanId,
      parentSpanId: parentSpanId === '' ? undefined : parentSpanId,
      name,
      kind,
      attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)])),
      links: links.map((link) => link.traceId),
      status: status?.code ?? 0,
    })),
  );
}

function serviceOf({ resource }: Batch): string {
  return String(valueOf(resource.attributes.find(({ key }) => key === 'service.name')?.value ?? {}));
}

function valueOf({ stringValue, intValue, doubleValue }: Attribute['value']): unknown {
  return stringValue ?? (intValue === undefined ? doubleValue : Number(intValue));
}
