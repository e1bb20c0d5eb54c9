import type { EndpointDescription } from '@paid-community/shared/platform/http/endpoint.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { groups } from './endpoints.ts';
import { exampleCalls } from './example-calls.ts';
import type { ExampleCall } from './example-calls/example-call.ts';
import { KEYS, openExampleWorld, type ExampleWorld } from './example-world.ts';

/** A call that was made, and what it was answered. */
export interface RecordedExample extends Pick<ExampleCall, 'id' | 'name' | 'summary' | 'status'> {
  /** Body of the request; undefined when it has none. */
  readonly sent: unknown;
  /** Body of the answer; undefined when it is another one each time. */
  readonly body: unknown;
}

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/**
 * Makes the calls of the examples against a running system.
 * @throws Error when one is not answered with its status, or a success not as its schema says.
 */
export async function runExamples(): Promise<readonly RecordedExample[]> {
  const world = await openExampleWorld();
  try {
    const recorded: RecordedExample[] = [];
    for (const call of exampleCalls) recorded.push(await inTime(call, world));
    return recorded;
  } finally {
    await world.close();
  }
}

/** A call that waits for other services, of which there are none here, has its time at once. */
async function inTime(call: ExampleCall, world: ExampleWorld): Promise<RecordedExample> {
  const endpoint = endpointOf(call);
  if (call.waits !== true) return make(call, endpoint, world);
  const hurry = setInterval(() => world.clock.advance(1_000), 1);
  try {
    return await make(call, endpoint, world);
  } finally {
    clearInterval(hurry);
  }
}

function endpointOf({ id }: ExampleCall): EndpointDescription {
  const found = groups.flatMap(({ endpoints }) => endpoints).find((endpoint) => endpoint.id === id);
  if (found === undefined) throw new Error(`There is no endpoint ${id}`);
  return found;
}

async function make(call: ExampleCall, endpoint: EndpointDescription, { url }: ExampleWorld): Promise<RecordedExample> {
  const { id, name, summary, status, input = {}, headers = {}, varies } = call;
  const inPath = [...endpoint.path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '');
  const path = endpoint.path.replaceAll(/:(\w+)/g, (_, segment: string) => encodeURIComponent(String(input[segment])));
  const rest = Object.fromEntries(Object.entries(input).filter(([field]) => !inPath.includes(field)));
  const isPost = endpoint.method === 'POST';
  const query = isPost ? '' : `?${new URLSearchParams(rest as Record<string, string>).toString()}`;
  const response = await fetch(`${url}${path}${query}`, {
    method: endpoint.method,
    headers: {
      traceparent: TRACEPARENT,
      ...(isPost ? { 'content-type': 'application/json' } : {}),
      ...(call.withoutKey === true ? {} : keyOf(endpoint)),
      ...headers,
    },
    body: isPost ? JSON.stringify(rest) : null,
  });
  const text = await response.text();
  if (response.status !== status) throw new Error(`${id} ${name}: answered ${response.status}: ${text}`);
  const body: unknown = endpoint.answer.contentType === undefined ? JSON.parse(text) : text;
  if (status === endpoint.answer.status) {
    const checked = compileValidator(endpoint.answer.schema)(body);
    if (!checked.valid) throw new Error(`${id} ${name}: ${JSON.stringify(checked.issues)}: ${text}`);
  }
  return { id, name, summary, status, sent: isPost ? rest : undefined, body: varies === true ? undefined : body };
}

function keyOf({ security }: EndpointDescription): Readonly<Record<string, string>> {
  if (security === undefined) return {};
  const key = (KEYS as Readonly<Record<string, string>>)[security.name] ?? '';
  return security.sentAs === 'key' ? { authorization: `Bearer ${key}` } : { [security.sentAs]: key };
}
