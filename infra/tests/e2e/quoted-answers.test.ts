import { afterEach, expect, test } from '@jest/globals';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { deadLetters, type DeadLetter } from '@paid-community/shared/model/operations/dead-letter.ts';
import { healthReports } from '@paid-community/shared/model/operations/health-report.ts';
import { inviteRequests, type InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { send } from './harness/http.ts';
import { buy, statusOf } from './harness/buyer.ts';
import { BOT_TOKEN, OPERATOR_KEY, WEBENGAGE_API_KEY, WEBHOOK_SECRET } from './harness/credentials.ts';
import type { Purchase } from './harness/wire.ts';
import { closeWorlds, openWorld } from './harness/world.ts';

afterEach(closeWorlds);

const FOREIGN = [
  'https://t.me/+ForeignLink0123456',
  'tg://join?invite=ForeignLink0123456',
  '123456789:FoReIgNtOkEn_FoReIgNtOkEn_FoReIgNtO',
  'bob.foreign@example.org',
  '+919876543210',
];
/** What gives any of it away. */
const TELLS =
  /Foreign|FoReIgN|bob\.|98765|AAEtEsTbOtToKeN|webengage-|webhook-se|private-user|private-order|t\.me|telegram\.me/i;

/** As a proxy, or a helpful error page, repeats what it was asked, in every way it may write it. */
function echo(asked: unknown, headers: Readonly<Record<string, string>>): string {
  const request = `POST /bot${BOT_TOKEN}/method ${JSON.stringify(headers)} ${JSON.stringify(asked)} ${FOREIGN.join(' ')}`;
  return [encodeURIComponent(request), request.slice(0, 90), JSON.stringify(request).replaceAll('/', '\\/'), request]
    .join(' | ')
    .slice(0, 6_000);
}

/** Begins at another word each time, so that each part is once among the first characters, which are kept. */
function turned(text: string, by: number): string {
  const words = text.split(' ');
  const at = (by * 7) % words.length;
  return [...words.slice(at), ...words.slice(0, at)].join(' ');
}

test('what Telegram and WebEngage repeat of us reaches no log line, no lastError, no dead letter, no ledger and no health report', async () => {
  const world = await openWorld({ settings: { MAX_ATTEMPTS: '2', BASE_BACKOFF_SEC: '0.05', LOG_LEVEL: 'debug' } });
  const backend = await world.startInProcess();
  let calls = 0;
  const { telegram, webengage } = world;
  const refusals = [400, 500, 502];
  telegram.faults.behaviour = ({ method, parameters }) => {
    calls += 1;
    const description = turned(echo(parameters, { 'x-secret': WEBHOOK_SECRET }), calls);
    if (method === 'getWebhookInfo') {
      const info = {
        url: `https://${description}`,
        pending_update_count: 200,
        last_error_date: Math.floor(Date.now() / 1_000),
        last_error_message: description,
        allowed_updates: [description],
      };
      return { kind: 'answer', status: 200, body: { ok: true, result: info } };
    }
    if (method === 'getMe')
      return {
        kind: 'answer',
        status: 200,
        body: { ok: true, result: { id: 1, is_bot: true, username: description } },
      };
    if (method === 'getChatMember')
      return { kind: 'answer', status: 200, body: { ok: true, result: { status: description } } };
    if (method === 'setWebhook') return undefined;
    if (method !== 'createChatInviteLink' && method !== 'getChat') return undefined;
    // Links of every second purchase are made, so that WebEngage has something to refuse.
    if (method === 'createChatInviteLink' && calls % 2 === 0) return undefined;
    const status = refusals[calls % refusals.length] ?? 400;
    return {
      kind: 'answer',
      status,
      body: calls % 5 === 0 ? `<html>${description}</html>` : { ok: false, error_code: status, description },
    };
  };
  webengage.faults.behaviour = ({ body }) => {
    calls += 1;
    const message = turned(echo(body, { authorization: `Bearer ${WEBENGAGE_API_KEY}` }), calls);
    const status = [400, 422, 413][calls % 3] ?? 400;
    return { kind: 'answer', status, body: calls % 4 === 0 ? message : { response: { status: 'error', message } } };
  };
  const purchases: Purchase[] = [];
  for (let at = 0; at < 24; at += 1)
    purchases.push(await buy(world.url, { userId: `private-user-${at}`, transactionId: `private-order/${at} ä` }));
  const headers = { authorization: `Bearer ${OPERATOR_KEY}` };
  const requests = (): Promise<readonly InviteRequestDocument[]> =>
    Promise.all(purchases.map(async ({ requestId }) => requestOf(backend, requestId)));
  const letters = await eventually(async () => {
    const found = (
      await Promise.all(
        ['tg-invite-queue', 'event-emitter-link-created-events'].map((source) => lettersOf(backend, source)),
      )
    ).flat();
    expect(found).toHaveLength(purchases.length);
    return found;
  });
  const health = await send(`${world.url}/v1/ops/health`, { headers });
  const reports = await Promise.all(
    ['link-worker', 'event-emitter'].map(async (service) => (await backend.store.get(healthReports, service))?.data),
  );
  expect(reports).toEqual([expect.anything(), expect.anything()]);

  const shown = new Map<string, unknown>();
  for (const { requestId } of purchases) {
    const status = await statusOf(world.url, requestId);
    shown.set(`status of ${requestId}`, {
      ...status,
      userId: undefined,
      transactionId: undefined,
      inviteLink: undefined,
    });
  }
  for (const [at, { history }] of letters.entries()) shown.set(`letter ${at}`, history);
  for (const { requestId, lastError, failures } of await requests())
    shown.set(`failures of ${requestId}`, [lastError, failures]);
  shown.set('health', health.json);
  shown.set('health reports', reports);
  const told = [...shown].map(([what, value]) => `${what}: ${JSON.stringify(value)}`);
  expect(told.filter((text) => TELLS.test(text))).toEqual([]);
  expect(world.printed.split('\n').filter((line) => TELLS.test(line))).toEqual([]);
  // And it was said: something of the words is left everywhere.
  expect(told.join()).toContain('[redacted]');
  expect(world.printed).toContain('[redacted]');
});

async function lettersOf({ store }: Backend, source: string): Promise<readonly DeadLetter[]> {
  const page = await store.query({
    collection: deadLetters,
    where: { status: 'open', source },
    orderBy: { field: 'lastAt', direction: 'ascending' },
    limit: 1_000,
  });
  return page.documents.map(({ data }) => data);
}

async function requestOf({ store }: Backend, requestId: string): Promise<InviteRequestDocument> {
  const request = await store.get(inviteRequests, requestId);
  if (request === undefined) throw new Error('There is no such request');
  return request.data;
}
