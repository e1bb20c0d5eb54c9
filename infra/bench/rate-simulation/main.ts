import { writeFileSync } from 'node:fs';
import { seededRandom } from '../../tests/e2e/harness/random.ts';
import { orExit } from '../../ops/command-line/or-exit.ts';
import { splitArguments, valuesOf } from '../../ops/command-line/read-arguments.ts';
import { UsageError } from '../../ops/command-line/usage-error.ts';
import { wholeNumber } from '../../ops/command-line/whole-number.ts';
import { compare, SENDERS, summarise, type Result, type Summary } from './compare.ts';
import { drawRates } from './draw-rates.ts';
import { fleetTrial } from './fleet/fleet-trial.ts';
import { runFleet } from './fleet/run-fleet.ts';
import { describeFleet, summariseFleet } from './fleet/summarise-fleet.ts';
import { SCENARIOS } from './scenarios.ts';

// npm run bench:rate [-- <seeds>]: every sender against every kind of limit; then the picture of docs/benchmarks.md.

const SEEDS = orExit(() => {
  const { options, words } = splitArguments(process.argv.slice(2), {});
  valuesOf(options, {}, 'There are no options');
  if (words.length > 1) throw new UsageError('Only the number of seeds is taken');
  return wholeNumber('The number of seeds', words[0] ?? '50', 1, 1_000_000);
}, 'npm run bench:rate [-- <seeds>]\n');
const LINKS = 60_000;
const FLEET = { bots: 20, communities: 50, hours: 2, instances: 1 };
const PICTURE = new URL('../../../docs/rate-governor.svg', import.meta.url);

const columns = (cells: readonly string[]): string =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(42) : cell.padStart(index === 1 ? 20 : 11))).join(' ');

console.log(
  `${SEEDS} seeds for each kind of limit. "of best": links, as a share of those of a sender that knows the limit, its state and its jumps,`,
);
console.log(
  'and is never refused. Goals of the governor, for every seed: at least 0.95 of best, fewer than 5 refusals in 1,000 links, no call during a stop.\n',
);
console.log(columns(['limit', 'sender', 'of best', '', '429 in 1,000 links', '', 'calls in']));
console.log(columns(['', '', 'worst', 'median', 'median', 'most', 'a stop']));

const missed: string[] = [];
for (const scenario of SCENARIOS) {
  const results: (readonly Result[])[] = [];
  for (let seed = 1; seed <= SEEDS; seed += 1) results.push(compare(scenario, seed, LINKS));
  for (const [index, { name }] of SENDERS.entries()) {
    const summary = summarise(results.flatMap((each) => each[index] ?? []));
    console.log(rowOf(index === 0 ? scenario.name : '', name, summary));
    if (index === 0 && (summary.worstShare < 0.95 || summary.mostRefusals >= 5 || summary.callsDuringStop > 0))
      missed.push(scenario.name);
  }
}
console.log(
  `\n${FLEET.bots} bots × ${FLEET.communities} communities, 1 to 3 bots each, ${FLEET.hours} hour(s); limits that differ and move.`,
);
console.log('Best: what bots make that know their limits. Fair share: the max-min share of each community in it.\n');
const fleet = summariseFleet(await runFleet(fleetTrial(seededRandom(1), FLEET)));
console.log(describeFleet(fleet));
const { share, refusalsPerThousand, worstCommunity, callsDuringStop } = fleet;
if (share < 0.95 || refusalsPerThousand >= 5 || worstCommunity < 0.9 || callsDuringStop > 0)
  missed.push(`${FLEET.bots} bots`);
writeFileSync(PICTURE, drawRates());
console.log('\nThe picture is in docs/rate-governor.svg.');
if (missed.length > 0) {
  console.log(`Goals missed: ${missed.join('; ')}`);
  process.exitCode = 1;
}

function rowOf(
  limit: string,
  sender: string,
  { worstShare, medianShare, medianRefusals, mostRefusals, callsDuringStop }: Summary,
): string {
  const [median, most] = [medianRefusals, mostRefusals].map((value) => value.toFixed(value < 100 ? 2 : 0));
  return columns([
    limit,
    sender,
    worstShare.toFixed(3),
    medianShare.toFixed(3),
    median ?? '',
    most ?? '',
    String(callsDuringStop),
  ]);
}
