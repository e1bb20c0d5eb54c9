import { describe, expect, test } from '@jest/globals';
import { SIMULATED_CHAT_ID } from '../local/simulated-communities.ts';
import { startSimulators } from '../simulators/simulators.ts';
import { createLink } from '../simulators/testing/bot-calls.ts';
import { cleanUpAfterEach, csvOf, demo, figuresOf, onCleanUp, stubIntake } from './testing/run-demo-process.ts';

cleanUpAfterEach();

describe('what is missing', () => {
  test('is listed with its last status when the time is up', async () => {
    const url = await stubIntake((request, body) => {
      if (request.method === 'POST')
        return { status: 202, body: { ok: true, status: 'queued', requestId: `request-of-${body.userId}` } };
      if (request.url?.endsWith('/request-of-1') === true) {
        return {
          status: 200,
          body: {
            status: 'PROCESSING',
            attempts: 2,
            weLinkEventFired: false,
            joinEventFired: false,
            lastError: { code: 'server_error', message: 'Bad Gateway' },
          },
        };
      }
      return { status: 404, body: { error: { message: 'no such request' } } };
    });
    const { exitCode, stdout } = await demo([
      '--url',
      url,
      '--file',
      await csvOf('1,a', '2,b'),
      '--join-rate',
      '0',
      '--timeout-seconds',
      '2',
    ]);
    expect(exitCode).toBe(1);
    expect(figuresOf(stdout, 'purchases acknowledged')).toEqual(['2', '2']);
    expect(figuresOf(stdout, 'links')).toEqual(['0', '2']);
    expect(stdout).toContain('line 2: request-of-1 PROCESSING, attempts 2, last error server_error: Bad Gateway\n');
    expect(stdout).toContain('line 3: request-of-2 status 404, no such request\n');
  });

  test('is not waited for when it has failed for good', async () => {
    const url = await stubIntake((request) =>
      request.method === 'POST'
        ? { status: 202, body: { requestId: 'the-request' } }
        : { status: 200, body: { status: 'FAILED', attempts: 50 } },
    );
    const { exitCode, stdout } = await demo([
      '--url',
      url,
      '--file',
      await csvOf('1,a'),
      '--join-rate',
      '0',
      '--timeout-seconds',
      '600',
    ]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('line 2: the-request FAILED, attempts 50\n');
  });

  test('can be a row that the system refuses, which is told with its line', async () => {
    const refusal = {
      ok: false,
      error: {
        code: 'invalid_request',
        message: 'The purchase is not valid',
        issues: [{ path: '/userId', message: 'must be known' }],
      },
    };
    const url = await stubIntake((request, body) => {
      if (request.method === 'POST')
        return body.userId === '2'
          ? { status: 400, body: refusal }
          : { status: 202, body: { requestId: `of-${body.userId}` } };
      return {
        status: 200,
        body: { status: 'DONE', inviteLink: 'https://t.me/+x', weLinkEventFired: true, joinEventFired: false },
      };
    });
    const { exitCode, stdout, stderr } = await demo([
      '--url',
      url,
      '--file',
      await csvOf('1,a', '2,b', '3,c'),
      '--join-rate',
      '0',
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('line 3: status 400, The purchase is not valid; /userId must be known\n');
    expect(figuresOf(stdout, 'links')).toEqual(['2', '3']);
    expect(figuresOf(stdout, 'refused rows')).toEqual(['1']);
  });

  test('can be a purchase that got the requestId of another one', async () => {
    const url = await stubIntake((request) =>
      request.method === 'POST'
        ? { status: 202, body: { requestId: 'always-the-same' } }
        : {
            status: 200,
            body: { status: 'DONE', inviteLink: 'https://t.me/+x', weLinkEventFired: true, joinEventFired: false },
          },
    );
    const { exitCode, stdout } = await demo(['--url', url, '--file', await csvOf('1,a', '2,b'), '--join-rate', '0']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('got the requestId of another purchase: always-the-same');
  });
});

test('a link that leads into the chat of another community is a failure', async () => {
  const simulators = await startSimulators({
    telegram: { botToken: '1:TOKENOFTEST', chatId: SIMULATED_CHAT_ID, linkCallsPerSecond: 'unlimited' },
    webengage: { licenseCode: 'licence', apiKey: 'key' },
  });
  onCleanUp(() => simulators.close());
  const inviteLinks = new Map<string, string>();
  for (const requestId of ['of-1', 'of-2'])
    inviteLinks.set(requestId, await createLink(simulators.telegram, { chat_id: SIMULATED_CHAT_ID }));
  const url = await stubIntake((request, body) => {
    if (request.method === 'POST') return { status: 202, body: { requestId: `of-${body.userId}` } };
    const inviteLink = inviteLinks.get(request.url?.split('/').at(-1) ?? '');
    const used = simulators.telegram.links.get(inviteLink ?? '')?.uses === 1;
    return { status: 200, body: { status: 'DONE', inviteLink, weLinkEventFired: true, joinEventFired: used } };
  });
  const args = ['--url', url, '--simulator-url', simulators.url, '--file', await csvOf('1,a', '2,b')];
  const { exitCode, stdout } = await demo([...args, '--join-rate', '1', '--communities', '2']);
  expect(exitCode).toBe(1);
  expect(stdout).toContain(
    `line 3: its link leads into chat ${SIMULATED_CHAT_ID}, and what was bought is ${SIMULATED_CHAT_ID - 1}\n`,
  );
  expect(figuresOf(stdout, 'default')).toEqual(['1/1', '1/1', '1/1', '1/1', '1/1']);
  expect(figuresOf(stdout, 'gold')).toEqual(['1/1', '1/1', '1/1', '0/1', '0/1']);
});

describe('a server that is overloaded', () => {
  test('is asked again after Retry-After, with the same idempotency key', async () => {
    const tries: { readonly at: number; readonly key: string | undefined }[] = [];
    const url = await stubIntake((request) => {
      if (request.method !== 'POST')
        return {
          status: 200,
          body: { status: 'DONE', inviteLink: 'https://t.me/+x', weLinkEventFired: true, joinEventFired: false },
        };
      tries.push({ at: performance.now(), key: request.headers['idempotency-key']?.toString() });
      if (tries.length === 1) return { status: 503, headers: { 'retry-after': '1' } };
      if (tries.length === 2) return { status: 429 };
      return { status: 202, body: { requestId: 'the-request' } };
    });
    const { exitCode } = await demo(['--url', url, '--file', await csvOf('1,'), '--join-rate', '0']);
    expect(exitCode).toBe(0);
    expect(tries.map(({ key }) => key)).toEqual(Array(3).fill(expect.stringMatching(/^demo-[0-9a-f]{16}-line-2$/)));
    expect((tries[1]?.at ?? 0) - (tries[0]?.at ?? 0)).toBeGreaterThanOrEqual(950);
  });
});
