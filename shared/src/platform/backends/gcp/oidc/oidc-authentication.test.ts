import { once } from 'node:events';
import { request, type IncomingMessage, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApp } from '../../../http/app.ts';
import { listen } from '../../../http/http-server.ts';
import { systemClock } from '../../../lifecycle/system-clock.ts';
import { createLogger } from '../../../log/logger.ts';
import { tokenCases } from '../../../testing/identity-token-cases.ts';
import { createTestKey, jwksOf, signToken, withoutSignature, type Claims } from '../../../testing/identity-tokens.ts';
import { startScriptedServer, type ScriptedAnswer, type ScriptedServer } from '../../../testing/scripted-server.ts';
import { inviteQueue } from '../../../../model/queues.ts';
import { purchasesForLinkWorker } from '../../../../topology.ts';
import { createPushDelivery } from '../push-delivery.ts';
import { noTelemetry } from '../../../telemetry/telemetry.ts';
import { googleKeys } from './google-keys.ts';
import { oidcAuthentication, type ExpectedCaller } from './oidc-authentication.ts';

const CALLER = { serviceAccount: 'pusher@project.iam.gserviceaccount.com', audience: 'https://service.example' };
const nowSeconds = Math.floor(Date.now() / 1_000);
const GOOD: Claims = {
  iss: 'https://accounts.google.com',
  aud: CALLER.audience,
  email: CALLER.serviceAccount,
  email_verified: true,
  iat: nowSeconds,
  exp: nowSeconds + 3_600,
};

const key = createTestKey('key-1');
const KEYS: ScriptedAnswer = { status: 200, body: jwksOf(key) };
const cases = tokenCases(key, CALLER, nowSeconds);

const ENDPOINTS = {
  'push delivery': {
    path: '/pubsub/purchase-events',
    type: 'application/json',
    body: JSON.stringify({
      message: { data: '', messageId: '1', publishTime: '2026-01-02T03:04:05Z', attributes: {} },
      subscription: 's',
    }),
  },
  'the worker endpoint': { path: '/v1/invite/worker', type: 'text/plain', body: '{}' },
} as const;

interface Endpoints {
  readonly keyServer: ScriptedServer;
  readonly printed: () => string;
  status(
    endpoint: keyof typeof ENDPOINTS,
    authorization: readonly string[],
    headers?: Readonly<Record<string, string>>,
  ): Promise<number>;
  close(): Promise<void>;
}

/** The two endpoints of link-worker, for the expected caller only. */
async function endpoints(
  signatureCheckedBy: ExpectedCaller['signatureCheckedBy'],
  ...keys: [ScriptedAnswer, ...ScriptedAnswer[]]
): Promise<Endpoints> {
  const keyServer = await startScriptedServer(...keys);
  let printed = '';
  const log = createLogger({ level: 'debug', secrets: [], write: (line) => (printed += line) });
  const authenticate = oidcAuthentication(
    { ...CALLER, signatureCheckedBy },
    { keys: googleKeys(keyServer.url), clock: systemClock, log },
  );
  const handle = (): Promise<void> => Promise.resolve();
  const consumers = {
    subscriptions: [{ subscription: purchasesForLinkWorker, handle }],
    tasks: [{ queue: inviteQueue, handle }],
  };
  const { routes } = createPushDelivery(consumers, {
    authenticatePush: authenticate,
    authenticateTask: authenticate,
    clock: systemClock,
    log,
  });
  const { server, port } = await listen(createApp(routes, log, noTelemetry), { port: 0, host: '127.0.0.1' });
  return {
    keyServer,
    printed: () => printed,
    status: (endpoint, authorization, headers = {}) => post(port, endpoint, authorization, headers),
    close: async () => {
      await closeServer(server);
      await keyServer.close();
    },
  };
}

/** As Cloud Tasks and Pub/Sub call; header lines are sent as they are given, also twice. */
async function post(
  port: number,
  endpoint: keyof typeof ENDPOINTS,
  authorization: readonly string[],
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const { path, type, body } = ENDPOINTS[endpoint];
  const lines = {
    'content-type': type,
    'content-length': String(Buffer.byteLength(body)),
    'x-cloudtasks-taskname': 't',
    'x-cloudtasks-queuename': 'q',
    'x-cloudtasks-taskretrycount': '0',
    ...headers,
  };
  const calling = request({
    port,
    host: '127.0.0.1',
    path,
    method: 'POST',
    headers: [
      'Host',
      'service.example',
      ...Object.entries(lines).flat(),
      ...authorization.flatMap((value) => ['Authorization', value]),
    ],
  });
  calling.end(body);
  const [response] = (await once(calling, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode ?? 0;
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

describe.each(['here', 'platform'] as const)('with the signature checked %s', (signatureCheckedBy) => {
  let opened: Endpoints;
  beforeAll(async () => {
    opened = await endpoints(signatureCheckedBy, KEYS);
  });
  afterAll(() => opened.close());

  describe.each(Object.keys(ENDPOINTS) as (keyof typeof ENDPOINTS)[])('%s', (endpoint) => {
    test.each(cases)('$name', async ({ authorization, accepted }) => {
      expect(await opened.status(endpoint, authorization)).toBe(accepted[signatureCheckedBy] ? 200 : 401);
    });
  });

  test('no token was printed', () => {
    for (const { authorization } of cases) {
      for (const part of authorization.flatMap((value) => value.split(/[ .]/)).filter((text) => text.length > 30))
        expect(opened.printed()).not.toContain(part);
    }
  });
});

describe("Google's keys", () => {
  const good = [`Bearer ${signToken(key, GOOD)}`];

  test('are fetched once for calls that come together, and not again for those after', async () => {
    const opened = await endpoints('here', KEYS);
    expect(
      await Promise.all([opened.status('push delivery', good), opened.status('the worker endpoint', good)]),
    ).toEqual([200, 200]);
    expect(await opened.status('push delivery', good)).toBe(200);
    expect(opened.keyServer.requests).toHaveLength(1);
    await opened.close();
  });

  test('are asked for neither by a call without a token, with any other headers, nor for a token without signature', async () => {
    const opened = await endpoints('platform', KEYS);
    expect(await opened.status('the worker endpoint', [], { 'user-agent': 'Google-Cloud-Tasks' })).toBe(401);
    expect(await opened.status('the worker endpoint', [`Bearer ${withoutSignature(signToken(key, GOOD))}`])).toBe(200);
    expect(opened.keyServer.requests).toHaveLength(0);
    await opened.close();
  });

  test('forged key ids make no call of the key server each', async () => {
    const opened = await endpoints('here', KEYS);
    for (let id = 0; id < 5; id += 1)
      expect(await opened.status('push delivery', [`Bearer ${signToken({ ...key, id: `forged-${id}` }, GOOD)}`])).toBe(
        401,
      );
    expect(opened.keyServer.requests).toHaveLength(1);
    await opened.close();
  });

  test.each<[string, ScriptedAnswer]>([
    ['is down', { status: 503 }],
    ['answers with a page', { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['answers with something else', { status: 200, body: { keys: 'none' } }],
    ['breaks off', 'disconnect'],
  ])('that cannot be had because the key server %s make the call come again later', async (_what, answer) => {
    const opened = await endpoints('here', answer, KEYS);
    expect(await opened.status('push delivery', good)).toBe(503);
    expect(await opened.status('push delivery', good)).toBe(200);
    await opened.close();
  });
});
