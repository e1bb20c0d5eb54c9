import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { API_KEY, OPERATOR_KEY } from '../e2e/harness/credentials.ts';
import { freePort } from '../../run/free-port.ts';
import { verify, verifyAt } from './harness/verify.ts';

// `npm run verify:cloud` where nothing of the system answers. verify-cloud.faults.ts breaks each step of one that does.

describe('before anything of the system answers', () => {
  test.each([
    ['without a URL', ['--key', API_KEY], '--stack or --url is needed'],
    ['without a key', ['--url', 'https://intake.example.com'], '--key is needed'],
    [
      'with a URL that is none',
      ['--url', 'intake.example.com', '--key', API_KEY, '--operator-key', OPERATOR_KEY],
      '--url must be the URL of intake-service',
    ],
    ['with an option that is none', ['--uri', 'https://intake.example.com'], 'Did you mean --url?'],
    [
      'with a time that is none',
      ['--url', 'https://intake.example.com', '--wait', 'soon'],
      '--wait must be a whole number',
    ],
  ])('%s it ends with 2, and says what would be right', async (_case, args, words) => {
    expect(await verify(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
  });

  test('with --stack the URL is that of the stack, and the keys are the first of Secret Manager', async () => {
    const seen: string[] = [];
    const server = createServer(({ url = '', headers: { authorization = 'no key' } }, response) => {
      seen.push(`${url.startsWith('/v1/ops/') ? 'operator' : 'buyer'}: ${authorization}`);
      response.writeHead(authorization === 'Bearer key-of-the-journey' ? 404 : 401).end('{"ok":false}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const folder = await mkdtemp(join(tmpdir(), 'verify-cloud-'));
    const tool = (name: string, script: string): Promise<void> =>
      writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const outputs = {
      GCP_PROJECT: 'project-of-ours',
      GCP_REGION: 'asia-south1',
      intakeUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
    await tool(
      'pulumi',
      `[ "$*" = "stack output --json --stack staging --non-interactive" ] && echo '${JSON.stringify(outputs)}'`,
    );
    await tool(
      'gcloud',
      `case "$*" in *--secret=INTAKE_API_KEYS*project-of-ours*) echo key-of-the-journey,older ;; *) echo ada:key-of-ada,ben:key-of-ben ;; esac`,
    );
    const { code, stderr } = await verify(['--stack', 'staging'], { PATH: `${folder}:/usr/bin:/bin` });
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("the operator's key is not taken") });
    expect(seen).toEqual(['buyer: no key', 'buyer: Bearer key-of-the-journey', 'operator: Bearer key-of-ada']);
    expect(await verify(['--stack', 'staging'], { PATH: folder })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('pulumi is not installed'),
    });
  });

  test('a host that nobody answers for stops at the first step', async () => {
    const { code, stderr } = await verifyAt(`http://127.0.0.1:${await freePort()}`);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^Stopped at \[1\/9\] intake-service is reached: .+ECONNREFUSED\n .*intakeUrl/),
    });
  });

  test.each([
    [403, 'the service is not public'],
    [404, 'There is no such service at this URL'],
    [503, 'no instance of intake-service starts'],
    [302, 'none of intake-service'],
    // A proxy's own refusal.
    [401, 'none of intake-service'],
  ])('a page of Cloud Run or a proxy with %i is told from an answer of ours', async (status, words) => {
    const server = createServer((_request, response) =>
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>not ours</html>'),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { code, stderr } = await verifyAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.closeAllConnections();
    server.close();
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(words) });
  });
});
