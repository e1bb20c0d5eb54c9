import { createServer, type ServerResponse } from 'node:http';
import { answerParent } from '../../processes/answer-parent.ts';
import { listenOnFreePort } from '../../processes/listen-on-free-port.ts';

export type TelegramQuestion = 'start' | 'hold' | 'release' | 'counts';

export interface TelegramCounts {
  readonly calls: number;
  /** Different names: one for each purchase. */
  readonly names: number;
  /** Calls that are not answered, because 'hold' was asked for. */
  readonly held: number;
}

const names = new Set<string>();
const held: (() => void)[] = [];
let calls = 0;
let holding = false;
let port: Promise<number> | undefined;

/**
 * A Telegram that never says no, and costs as little as an HTTP server can: it shares the processor with what is
 * measured.
 */
const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { name } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { readonly name: string };
    calls += 1;
    names.add(name);
    const invite_link = `https://t.me/+${name.slice(0, 8)}${calls.toString(36).padStart(8, '0')}`;
    const answer = (): void =>
      send(
        response,
        JSON.stringify({
          ok: true,
          result: { invite_link, name, creates_join_request: false, is_primary: false, is_revoked: false },
        }),
      );
    if (holding) held.push(answer);
    else answer();
  });
});

function send(response: ServerResponse, body: string): void {
  if (response.destroyed) return;
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }).end(body);
}

answerParent(async (question: TelegramQuestion): Promise<string | TelegramCounts> => {
  if (question === 'start') {
    port ??= listenOnFreePort(server);
    return `http://127.0.0.1:${await port}`;
  }
  if (question === 'hold') holding = true;
  if (question === 'release') {
    holding = false;
    for (const answer of held.splice(0)) answer();
  }
  return { calls, names: names.size, held: held.length };
});
