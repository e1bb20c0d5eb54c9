import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { bentJson } from './bend-json.ts';
import { TEXTS, type Draw } from './junk.ts';

/** A route of the system, and what it takes when all is well. */
export interface Target {
  readonly method: string;
  /** With `:name` segments. */
  readonly path: string;
  /** Headers that say who it is. */
  readonly key: string;
  readonly valid: (draw: Draw) => Readonly<Record<string, unknown>>;
  /** How often it is called, against the others. */
  readonly weight: number;
}

export interface Made {
  readonly bytes: Buffer;
  readonly isHead: boolean;
  readonly target: string;
}

const TYPES = [
  'application/json; charset=utf-8',
  'application/json;charset=latin1',
  'text/plain',
  'application/vnd.api+json',
  'application/json, text/plain',
  '',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'application/json; charset="',
  '/',
];
const PACKERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gzipSync,
  GZIP: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  'gzip, br': (bytes) => brotliCompressSync(gzipSync(bytes)),
};
const ODD_HEADERS = [
  'Expect: 100-continue',
  'Expect: wonders',
  'Connection: close',
  'Connection: upgrade\r\nUpgrade: websocket',
  'Accept-Encoding: br',
  'Accept: text/html',
  'X-HTTP-Method-Override: DELETE',
  'Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  'X-Forwarded-For: 127.0.0.1',
  'Cookie: a=b',
  'Host: y',
];
const TEXT_HEADERS = [
  'Idempotency-Key',
  'Traceparent',
  'Authorization',
  'X-Api-Key',
  'X-Telegram-Bot-Api-Secret-Token',
  'Content-Encoding',
  'Accept',
  'Referer',
];

/** A request that is framed right, to one of the targets, bent somewhere. */
export function makeRequest(targets: readonly Target[], draw: Draw): Made {
  const target = pick(targets, draw);
  const method = draw.chance(0.03)
    ? draw.one(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND'])
    : target.method;
  const valid = target.valid(draw);
  const inPath: string[] = [];
  const path = target.path.replaceAll(/:(\w+)/g, (_, name: string) => {
    inPath.push(name);
    const given = valid[name];
    return segment(typeof given === 'string' && draw.chance(0.5) ? given : draw.one(TEXTS), draw);
  });
  const input = Object.fromEntries(Object.entries(valid).filter(([name]) => !inPath.includes(name)));
  const lines = [
    `${method} ${draw.chance(0.02) ? bendPath(path, draw) : path}${query(target.method === 'GET' ? input : {}, draw)} HTTP/1.1`,
  ];
  if (!draw.chance(0.01)) lines.push('Host: x');
  if (!draw.chance(0.04)) lines.push(draw.chance(0.03) ? pick(targets, draw).key : target.key);
  if (draw.chance(0.05)) lines.push(draw.one(ODD_HEADERS));
  if (draw.chance(0.05)) lines.push(`${draw.one(TEXT_HEADERS)}: ${headerText(draw)}`);
  if (target.method === 'GET' && !draw.chance(0.02)) return made(lines, [], method, target);
  let body = bentJson(input, draw);
  lines.push(`Content-Type: ${draw.chance(0.05) ? draw.one(TYPES) : 'application/json'}`);
  if (draw.chance(0.06)) {
    const name = draw.one(Object.keys(PACKERS));
    lines.push(`Content-Encoding: ${name}`);
    if (!draw.chance(0.2)) body = PACKERS[name]?.(body) ?? body;
  }
  if (draw.chance(0.05)) return made([...lines, 'Transfer-Encoding: chunked'], chunks(body, draw), method, target);
  return made([...lines, `Content-Length: ${body.length}`], [body], method, target);
}

/** Bytes that are hardly HTTP. */
export function makeNoise(targets: readonly Target[], draw: Draw): Buffer {
  if (draw.chance(0.3)) return draw.bytes(draw.below(300));
  const { bytes } = makeRequest(targets, draw);
  const bent = Buffer.from(bytes);
  for (let changes = draw.below(6); changes >= 0; changes -= 1)
    bent[draw.below(Math.min(bent.length, 400))] = draw.below(256);
  return draw.chance(0.3) ? bent.subarray(0, draw.below(bent.length)) : bent;
}

function pick(targets: readonly Target[], draw: Draw): Target {
  let at = draw.below(1_000_000) / 1_000_000;
  const all = targets.reduce((sum, { weight }) => sum + weight, 0);
  for (const target of targets) {
    at -= target.weight / all;
    if (at < 0) return target;
  }
  return draw.one(targets);
}

function made(lines: readonly string[], body: readonly Buffer[], method: string, target: Target): Made {
  return {
    bytes: Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), ...body]),
    isHead: method === 'HEAD',
    target: `${target.method} ${target.path}`,
  };
}

function segment(text: string, draw: Draw): string {
  const cut = text.toWellFormed().slice(0, 300);
  if (draw.chance(0.05)) return draw.one(['%', '%E9', '%00', '%ED%A0%80', '%2F', '..', '%2e%2e', '']);
  return encodeURIComponent(cut.toWellFormed());
}

function bendPath(path: string, draw: Draw): string {
  return draw.one([
    `${path}/`,
    path.toUpperCase(),
    path.replaceAll('/', '//'),
    `${path}%00`,
    `${path};x=y`,
    path.slice(0, -1),
    `/x${path}`,
    '*',
    `http://y${path}`,
    `${path}/../healthz`,
    `${path}\\`,
  ]);
}

function query(input: Readonly<Record<string, unknown>>, draw: Draw): string {
  const pairs = Object.entries(input).map(
    ([name, value]) => [name, draw.chance(0.4) ? draw.one(TEXTS) : String(value)] as const,
  );
  if (draw.chance(0.2)) pairs.push([draw.one([...TEXTS, ...Object.keys(input), 'limit', 'cursor']), draw.one(TEXTS)]);
  const text = pairs
    .map(
      ([name, value]) =>
        `${encodeURIComponent(name.toWellFormed().slice(0, 100))}=${encodeURIComponent(value.toWellFormed().slice(0, 1_000).toWellFormed())}`,
    )
    .join('&');
  if (draw.chance(0.03))
    return `?${text}&${draw.one(['a=%', 'a=%E9', '%zz=1', '&&&', '=', 'a[b]=1', 'a=1&a=2', '__proto__=1', '?'])}`;
  return text === '' ? '' : `?${text}`;
}

function headerText(draw: Draw): string {
  // A line would end with these, and a NUL ends the request.
  return (draw.chance(0.3) ? draw.bytes(draw.below(40)).toString('latin1') : draw.one(TEXTS))
    .replaceAll(/[\r\n\0]/g, ' ')
    .slice(0, 2_000);
}

function chunks(body: Buffer, draw: Draw): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const part = body.subarray(at, at + 1 + draw.below(Math.max(1, body.length >> 1)));
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
    at += part.length;
  }
  return [...parts, Buffer.from('0\r\n\r\n')];
}
