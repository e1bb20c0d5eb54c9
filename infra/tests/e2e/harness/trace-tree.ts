import type { ReceivedSpan } from './otlp-receiver.ts';

/** The spans of one trace as a tree of names, each indented under its parent, siblings in the order of their names. */
export function traceTree(spans: readonly ReceivedSpan[], traceId: string): readonly string[] {
  const ofTrace = spans.filter((span) => span.traceId === traceId);
  const known = new Set(ofTrace.map(({ spanId }) => spanId));
  const render = (span: ReceivedSpan, depth: number): string[] => [
    `${'  '.repeat(depth)}${span.name}`,
    ...childrenOf(span.spanId).flatMap((child) => render(child, depth + 1)),
  ];
  const childrenOf = (parent: string): ReceivedSpan[] =>
    ofTrace.filter(({ parentSpanId }) => parentSpanId === parent).sort((a, b) => (a.name < b.name ? -1 : 1));
  return ofTrace
    .filter(({ parentSpanId }) => parentSpanId === undefined || !known.has(parentSpanId))
    .flatMap((root) => render(root, 0));
}

/** What one purchase does, from the request to WebEngage. */
export const PURCHASE_TREE: readonly string[] = [
  'POST /v1/invite/request',
  '  publish purchase-events',
  '    process purchase-events',
  '      enqueue tg-invite-queue',
  '        process tg-invite-queue',
  '          POST /bot{token}/createChatInviteLink',
  '          publish link-created-events',
  '            process link-created-events',
  '              POST /v1/accounts/{licence}/events',
];

/** What one join does, from Telegram's call to WebEngage. */
export const JOIN_TREE: readonly string[] = [
  'POST /v1/telegram/webhook',
  '  publish member-joined-events',
  '    process member-joined-events',
  '      POST /v1/accounts/{licence}/events',
];
