import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { seededRandom } from '@paid-community/shared/platform/testing/seeded-random.ts';
import { inviteQueue } from '@paid-community/shared/model/queues.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { buy, statusOf } from '../buyer.ts';
import { OPERATOR_KEY } from '../credentials.ts';
import { Connection } from './connection.ts';
import { describedStatuses } from './described-answers.ts';
import { faultOf } from './judge-answer.ts';
import { Draw } from './junk.ts';
import { makeNoise, makeRequest, type Target } from './make-request.ts';
import { fuzzTargets } from './targets.ts';
import { send } from '../http.ts';
import { exchangeRaw } from '../raw-socket.ts';
import { closeWorlds, openWorld, type World } from '../world.ts';

// Bent inputs over every route, and over Telegram's updates. Another seed, or fewer: FUZZ_SEED=7 FUZZ_INPUTS=1000. One
// of them alone, by the number that a failure names: FUZZ_SEED=7 FUZZ_ONLY=4711.

const { FUZZ_SEED, FUZZ_INPUTS, FUZZ_ONLY } = process.env;
const SEED = FUZZ_SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(FUZZ_SEED);
/** Of them. */
const NOISE_EVERY = 50;
const CONNECTIONS = 12;

let world: World;
let port: number;
let targets: readonly Target[];

/** Registers the test. FUZZ_INPUTS in the environment is stronger than `usual`. */
export function fuzzEveryRoute(usual: number): void {
  const inputs = Number(FUZZ_INPUTS ?? usual);
  beforeAll(async () => {
    world = await openWorld();
    port = Number(new URL(world.url).port);
    await world.start();
    targets = await fuzzTargets(world.dataDir);
  });

  afterAll(closeWorlds);

  test(`inputs made from seed ${SEED}: no 500, nothing internal shown, every refusal in its form and described, every log line JSON, and the system works on`, async () => {
    const faults: string[] = [];
    const statuses = new Map<string, Map<number, number>>();
    const count = (target: string, status: number): void => {
      const counts = statuses.get(target) ?? new Map<number, number>();
      statuses.set(target, counts.set(status, (counts.get(status) ?? 0) + 1));
    };
    let next = FUZZ_ONLY === undefined ? 0 : Number(FUZZ_ONLY);
    const end = FUZZ_ONLY === undefined ? inputs : next + 1;
    const work = async (): Promise<void> => {
      const connection = new Connection(port);
      while (next < end && faults.length < 20) {
        const number = next;
        next += 1;
        // Each has numbers of its own, so that it is the same whatever came before it.
        const draw = new Draw(seededRandom(Math.imul(SEED, 0x9e3779b1) + number));
        const fault =
          number % NOISE_EVERY === 0 ? await faultOfNoise(draw) : await faultOfRequest(draw, connection, count);
        if (fault !== undefined) faults.push(`input ${number} of seed ${SEED}: ${fault}`);
      }
      connection.close();
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, work));
    expect(faults).toEqual([]);
    expect(world.process.isRunning).toBe(true);
    if (FUZZ_ONLY === undefined && inputs >= 50_000) expectEveryRouteReached(statuses, inputs);

    for (const { name } of topology.queues) {
      expect(
        await send(`${world.url}/v1/ops/queues/${name}/resume`, {
          method: 'POST',
          headers: { authorization: `Bearer ${OPERATOR_KEY}`, 'content-type': 'application/json' },
          body: {},
        }),
      ).toMatchObject({ status: 200 });
    }
    expect(topology.queues).toContain(inviteQueue);
    const { requestId } = await buy(world.url, { userId: 'after all of it', transactionId: 't' });
    await eventually(async () =>
      expect(await statusOf(world.url, requestId)).toMatchObject({ status: 'DONE', weLinkEventFired: true }),
    );
    expect(await world.process.stop()).toEqual({ code: 0, signal: null });
    expect(world.process.stdout.split('\n').filter((line) => line !== '' && !isJson(line))).toEqual([]);
  }, 600_000);
}

async function faultOfRequest(
  draw: Draw,
  connection: Connection,
  count: (target: string, status: number) => void,
): Promise<string | undefined> {
  const { bytes, isHead, target } = makeRequest(targets, draw);
  try {
    const answer = await connection.exchange(bytes, isHead);
    count(target, answer.status);
    // A bent method may be that of another route of the same path.
    const path = target.slice(target.indexOf(' '));
    const isDescribed = [...describedStatuses].some(
      ([name, described]) => name.slice(name.indexOf(' ')) === path && described.has(answer.status),
    );
    const fault = faultOf(answer, isHead) ?? (isDescribed ? undefined : 'not in openapi.json');
    return fault === undefined
      ? undefined
      : `${fault}: ${answer.status} ${answer.body.slice(0, 300)} to ${shown(bytes)}`;
  } catch (error) {
    return `${String(error)} to ${shown(bytes)}`;
  }
}

async function faultOfNoise(draw: Draw): Promise<string | undefined> {
  const bytes = makeNoise(targets, draw);
  // Nothing more comes, which is what ends those that wait for the rest.
  const answer = await exchangeRaw(port, bytes, undefined, 'end');
  if (/^HTTP\/1\.1 500 /m.test(answer)) return `a 500 to the noise ${shown(bytes)}`;
  return answer === '' || answer.startsWith('HTTP/1.1 ')
    ? undefined
    : `${answer.slice(0, 100)} to the noise ${shown(bytes)}`;
}

/** Otherwise it might be that all of it was refused at the door. */
function expectEveryRouteReached(statuses: ReadonlyMap<string, ReadonlyMap<number, number>>, inputs: number): void {
  const sum = (status: number): number =>
    [...statuses.values()].reduce((all, counts) => all + (counts.get(status) ?? 0), 0);
  expect([...statuses.keys()].toSorted()).toEqual(targets.map(({ method, path }) => `${method} ${path}`).toSorted());
  expect(sum(202)).toBeGreaterThan(inputs / 50);
  expect(sum(200)).toBeGreaterThan(inputs / 10);
  expect(sum(400)).toBeGreaterThan(inputs / 10);
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1').slice(0, 1_500));
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
