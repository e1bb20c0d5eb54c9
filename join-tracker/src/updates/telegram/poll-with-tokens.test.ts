import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectionCodeId, connectionCodes } from '@paid-community/shared/model/communities/connection-code.ts';
import { deadLetterTopic, memberJoinedEvents } from '@paid-community/shared/model/topics.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { createDocument, deleteDocument } from '@paid-community/shared/platform/ports/document-store.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { joinUpdate, openTracker, type Tracker } from '../../testing/open-tracker.ts';
import { SeenUpdates } from '../seen-updates.ts';
import { pollWithTokens } from './poll-with-tokens.ts';

// The default bot, one whose token is refused, and one that another program polls at times.
const TOKENS = { default: '1:DEFAULTS', refused: '2:REFUSEDS', third: '3:THIRDBOT' };

interface Poll {
  readonly allowed_updates: readonly string[];
  readonly offset?: number;
}

let tracker: Tracker;
let telegram: Server;
let polls: Map<string, Poll[]>;
/** Given once to the bot of the token. */
let updates: Map<string, unknown[]>;
let stopping: AbortController;
let polling: Promise<void>;
let seen: SeenUpdates;
let lines: string[];

beforeEach(async () => {
  tracker = await openTracker();
  polls = new Map();
  updates = new Map();
  telegram = createServer((request, response) => {
    const [, token = '', method = ''] = /^\/bot([^/]+)\/(\w+)/.exec(request.url ?? '') ?? [];
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const said = answerTo(token, method, Buffer.concat(chunks).toString());
      // Without an answer it holds the call open.
      if (said !== undefined)
        response.writeHead(said.error_code ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    });
  });
  telegram.listen(0, '127.0.0.1');
  await once(telegram, 'listening');
});

afterEach(async () => {
  stopping.abort();
  await polling;
  telegram.closeAllConnections();
  telegram.close();
  await tracker.close();
});

interface Said {
  readonly ok: boolean;
  readonly result?: unknown;
  readonly error_code?: number;
  readonly description?: string;
}

function answerTo(token: string, method: string, body: string): Said | undefined {
  if (token === TOKENS.refused) return { ok: false, error_code: 401, description: 'Unauthorized' };
  if (method === 'deleteWebhook') return { ok: true, result: true };
  const made = polls.get(token) ?? [];
  polls.set(token, [...made, JSON.parse(body) as Poll]);
  if (token === TOKENS.third && made.length === 0)
    return { ok: false, error_code: 409, description: 'Conflict: terminated by other getUpdates' };
  const result = updates.get(token);
  updates.delete(token);
  return result === undefined ? undefined : { ok: true, result };
}

/** Its waits are short. */
const clock: Clock = {
  now: () => systemClock.now(),
  monotonicMs: () => systemClock.monotonicMs(),
  sleep: (durationMs, signal) => systemClock.sleep(durationMs / 50, signal),
};

function start(): void {
  stopping = new AbortController();
  seen = new SeenUpdates(systemClock);
  lines = [];
  const log = createLogger({ level: 'info', secrets: [], write: (line) => lines.push(line) });
  polling = pollWithTokens(
    {
      TELEGRAM_API_ROOT: `http://127.0.0.1:${(telegram.address() as AddressInfo).port}`,
      TELEGRAM_BOT_TOKEN: TOKENS.default,
      TELEGRAM_BOT_TOKENS: [TOKENS.refused, TOKENS.third],
    },
    { ...tracker.handling({ log }), seen, store: tracker.backend.store, clock, telemetry: noTelemetry },
    stopping.signal,
  );
}

const allowed = (token: string): readonly string[] => polls.get(token)?.at(-1)?.allowed_updates ?? [];

test('each bot is polled by itself: one that is refused, and one that another program polls, hold up no other', async () => {
  updates.set(TOKENS.default, [joinUpdate({ updateId: 5 })]);
  start();
  await eventually(() => tracker.eventBus.eventsOn(memberJoinedEvents).length === 1);
  await eventually(() => polls.get(TOKENS.third)?.length === 2);
  await eventually(() => polls.get(TOKENS.default)?.at(-1)?.offset === 6);
  const findings = new Map(seen.pollFindings().map((finding) => [finding.check, finding]));
  expect(findings.get('polling')).toMatchObject({ state: 'ok' });
  expect(findings.get('polling 2')).toMatchObject({ state: 'failing', meaning: expect.stringContaining('bot 2') });
  expect(findings.get('polling 3')).toMatchObject({ state: 'failing', meaning: expect.stringContaining('Conflict') });
});

test('updates of two bots that have the same number are two, and what is parked of them holds no message', async () => {
  const bad = { update_id: 8, chat_member: { nonsense: true }, message: { text: 'a word in private' } };
  updates.set(TOKENS.default, [bad]);
  updates.set(TOKENS.third, [bad]);
  start();
  const parked = (): typeof tracker.eventBus.published =>
    tracker.eventBus.published.filter(({ topic }) => topic === deadLetterTopic.name);
  await eventually(() => parked().length === 2);
  expect(
    parked()
      .map(({ message }) => message.attributes['id'])
      .sort(),
  ).toEqual(['telegram-update-3-8', 'telegram-update-8']);
  expect(JSON.stringify(parked())).not.toContain('a word in private');
});

test('messages are asked for only of the bot whose connection code is open, and only while it is', async () => {
  start();
  await eventually(() => polls.get(TOKENS.default)?.length === 1 && polls.get(TOKENS.third)?.length === 2);
  expect(allowed(TOKENS.third)).toEqual(['chat_member', 'my_chat_member', 'chat_join_request']);
  const id = connectionCodeId('a-code-of-the-third-bot');
  const createdAt = new Date(tracker.clock.now()).toISOString();
  const expiresAt = new Date(tracker.clock.now() + 3_600_000).toISOString();
  await tracker.backend.store.commit([
    createDocument(connectionCodes, id, { communityId: 'silver', botId: '3', createdAt, expiresAt }),
  ]);
  await eventually(() => allowed(TOKENS.third).includes('message'));
  expect(polls.get(TOKENS.default)).toHaveLength(1);
  expect(seen.poll().finding()).toMatchObject({ state: 'ok' });
  await tracker.backend.store.commit([deleteDocument(connectionCodes, id)]);
  await eventually(() => !allowed(TOKENS.third).includes('message'));
  // That a poll ends for it is no failure: the one failure is that of the start.
  expect(lines.filter((line) => /could not be taken/.test(line) && line.includes('"botId":"3"'))).toHaveLength(1);
});
