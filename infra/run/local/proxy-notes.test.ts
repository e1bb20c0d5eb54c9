import { describe, expect, test } from '@jest/globals';
import { proxyFindings } from '@paid-community/shared/health/proxy-finding.ts';
import { proxyNotes } from './proxy-notes.ts';

const TELEGRAM = 'https://api.telegram.org';
const WEBENGAGE = 'https://api.webengage.com';
const PROXY = 'http://ada:secret@proxy.example.com:3128';
const said = (origin: string, host: string, variable: string): string =>
  `Calls to ${host} go through the proxy ${origin} (${variable})`;

describe('what is said of proxies', () => {
  test.each([
    ['nothing without one', {}, []],
    [
      'each host, with the variable, and no password',
      { HTTPS_PROXY: PROXY },
      [
        said('http://proxy.example.com:3128', 'api.telegram.org', 'HTTPS_PROXY'),
        said('http://proxy.example.com:3128', 'api.webengage.com', 'HTTPS_PROXY'),
      ],
    ],
    [
      'small letters',
      { https_proxy: PROXY, NO_PROXY: 'webengage.com' },
      [said('http://proxy.example.com:3128', 'api.telegram.org', 'https_proxy')],
    ],
    [
      'one for all',
      { ALL_PROXY: PROXY, no_proxy: '.telegram.org' },
      [said('http://proxy.example.com:3128', 'api.webengage.com', 'ALL_PROXY')],
    ],
    ['nothing when none is taken', { HTTPS_PROXY: PROXY, NO_PROXY: '*' }, []],
    ['nothing of one for another scheme', { HTTP_PROXY: PROXY }, []],
  ])('%s', (_what, environment, notes) => {
    expect(proxyNotes({ real: [TELEGRAM, WEBENGAGE], simulators: false }, environment)).toEqual(notes);
    expect(proxyNotes({ real: [TELEGRAM, WEBENGAGE], simulators: false }, environment).join()).not.toContain('secret');
  });

  test.each(['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'all_proxy'])(
    '%s does not catch the simulators, and the start says so',
    (name) => {
      for (const proxy of [PROXY, 'socks5://127.0.0.1:1080', 'nonsense']) {
        expect(proxyNotes({ real: [], simulators: true }, { [name]: proxy })).toEqual([
          `Calls to the simulators on this machine do not go through the proxy of ${name}`,
        ]);
      }
    },
  );

  test('Node is told to send calls of this machine to it as well: that is said', () => {
    const environment = { HTTP_PROXY: PROXY, NODE_USE_ENV_PROXY: '1' };
    expect(proxyNotes({ real: [TELEGRAM], simulators: false }, environment)).toEqual([
      expect.stringContaining('put 127.0.0.1,localhost into NO_PROXY'),
    ]);
    expect(
      proxyNotes({ real: [TELEGRAM], simulators: false }, { ...environment, NO_PROXY: 'localhost,127.0.0.1' }),
    ).toEqual([]);
  });

  test('doctor warns of a proxy in front of a private network', () => {
    expect(proxyFindings('http://telegram-bot-api:8081', { HTTP_PROXY: PROXY })).toMatchObject([
      { check: 'proxy', state: 'warning', advice: expect.stringContaining('put telegram-bot-api into NO_PROXY') },
    ]);
    expect(proxyFindings(TELEGRAM, { HTTPS_PROXY: PROXY })).toMatchObject([{ check: 'proxy', state: 'ok' }]);
    expect(proxyFindings('http://127.0.0.1:8081', { HTTP_PROXY: PROXY })).toEqual([]);
  });
});
