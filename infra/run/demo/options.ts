import { fileURLToPath } from 'node:url';
import { readOptions, type OptionTypes } from '../../ops/command-line/read-arguments.ts';
import { UsageError } from '../../ops/command-line/usage-error.ts';
import { wholeNumber } from '../../ops/command-line/whole-number.ts';
import { SIMULATED_COMMUNITIES } from '../local/simulated-communities.ts';

export interface DemoOptions {
  /** The story of some memberships instead of purchases and joins. */
  readonly memberships: boolean;
  readonly file: string;
  /** Different purchases to send; undefined = what the file holds. */
  readonly count: number | undefined;
  /** Over how many communities the purchases are spread. */
  readonly communities: number;
  /** Share of the buyers who join, 0 to 1. */
  readonly joinRate: number;
  /** A system that runs already; undefined = start one in this process. URLs without a slash at the end. */
  readonly target: { readonly url: string; readonly simulatorUrl: string } | undefined;
  readonly apiKey: string;
  /** Undefined = long enough for the number of purchases. */
  readonly timeoutMs: number | undefined;
}

const SAMPLE = fileURLToPath(new URL('sample-purchases.csv', import.meta.url));
/** The key of a system that simulates both sides; see infra/run/local. */
const LOCAL_KEY = 'local-key';
const SIMULATOR_PORT_OFFSET = 10;
const MOST_COMMUNITIES = 1_000;

export const HELP = `npm run demo -- [options]

Sends purchases, lets buyers join, and checks that every link and every event arrives.
Without --url it starts the whole system in this process with both outside sides simulated: nobody real hears of it.

  --file F             CSV file with the columns userId and transactionId, in any order (default: the sample beside this program)
  --count N            N different purchases: from the file, and when it has fewer, generated ones (default: the whole file)
  --communities N      spread them over N communities, the default one first, and see each buyer into the right chat
                       (default: 1; with --url: the first N that npm start has, at most ${SIMULATED_COMMUNITIES})
  --join-rate R        share of the buyers who then join, 0 to 1 (default 0.6)
  --url U              use the system that runs there, such as http://127.0.0.1:8080
  --api-key K          key for intake (default: the first of INTAKE_API_KEYS, else ${LOCAL_KEY})
  --simulator-url S    with --url: where its simulators listen, for the joins (default: --url with port + ${SIMULATOR_PORT_OFFSET})
  --timeout-seconds T  report what is missing after T seconds (default: 60, and 1 more for every 2 purchases)
  --memberships        instead: five people whose access lasts seconds; who renews, who is removed, who comes back
                       (in a system of its own, about 30 s; goes with --api-key and --timeout-seconds only)
  --help               this text

Exit code 0: everything that was asked for is there. 1: something is missing, refused or unreadable (with --count,
unreadable lines are replaced and do not count). 2: wrong usage. 130: interrupted.
`;

const known = {
  file: { type: 'string' },
  count: { type: 'string' },
  communities: { type: 'string' },
  'join-rate': { type: 'string' },
  url: { type: 'string' },
  'api-key': { type: 'string' },
  'simulator-url': { type: 'string' },
  'timeout-seconds': { type: 'string' },
  memberships: { type: 'boolean' },
  help: { type: 'boolean' },
} as const satisfies OptionTypes;

const PURCHASE_OPTIONS = ['file', 'count', 'communities', 'join-rate', 'url', 'simulator-url'] as const;

/** @throws UsageError that says what would be right. */
export function parseOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): DemoOptions | 'help' {
  const values = readOptions(args, known);
  if (values.help === true) return 'help';
  const { memberships = false } = values;
  const needless = PURCHASE_OPTIONS.find((name) => values[name] !== undefined);
  if (memberships && needless !== undefined)
    throw new UsageError(`--${needless} does not go with --memberships, which is a story of its own`);
  const url = values.url === undefined ? undefined : rootUrl('--url', values.url);
  if (url === undefined && values['simulator-url'] !== undefined)
    throw new UsageError('--simulator-url goes with --url; without --url the demo brings its own simulators');
  return {
    memberships,
    file: values.file ?? SAMPLE,
    count: values.count === undefined ? undefined : wholeNumber('--count', values.count, 1, 10_000_000),
    communities: wholeNumber(
      '--communities',
      values.communities ?? '1',
      1,
      url === undefined ? MOST_COMMUNITIES : SIMULATED_COMMUNITIES,
    ),
    joinRate: share('--join-rate', values['join-rate'] ?? '0.6'),
    target:
      url === undefined
        ? undefined
        : {
            url,
            simulatorUrl:
              values['simulator-url'] === undefined
                ? besideOf(url)
                : rootUrl('--simulator-url', values['simulator-url']),
          },
    apiKey: apiKeyOf(values['api-key'], environment),
    timeoutMs:
      values['timeout-seconds'] === undefined
        ? undefined
        : wholeNumber('--timeout-seconds', values['timeout-seconds'], 1, 1_000_000) * 1_000,
  };
}

function share(option: string, text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || value > 1)
    throw new UsageError(`${option} must be a number from 0 to 1, such as 0.6`);
  return value;
}

function rootUrl(option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== ''
  ) {
    throw new UsageError(`${option} must be a URL such as http://127.0.0.1:8080, without a query`);
  }
  return url.href.replace(/\/+$/, '');
}

function besideOf(url: string): string {
  const beside = new URL(url);
  const usualPort = beside.protocol === 'https:' ? 443 : 80;
  const port = beside.port === '' ? usualPort : Number(beside.port);
  beside.port = String(Math.min(port + SIMULATOR_PORT_OFFSET, 65_535));
  return beside.origin;
}

function apiKeyOf(option: string | undefined, environment: Readonly<Record<string, string | undefined>>): string {
  const first = environment['INTAKE_API_KEYS']?.split(',')[0]?.trim() ?? '';
  const key = option ?? (first === '' ? LOCAL_KEY : first);
  if (!/^[\x21-\x2b\x2d-\x7e]+$/.test(key))
    throw new UsageError('--api-key must be printable characters without spaces and commas');
  return key;
}
