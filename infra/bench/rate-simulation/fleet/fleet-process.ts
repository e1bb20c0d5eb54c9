import { seededRandom } from '../../../tests/e2e/harness/random.ts';
import { fleetTrial } from './fleet-trial.ts';
import { runFleet } from './run-fleet.ts';
import { summariseFleet } from './summarise-fleet.ts';

// For the test, outside of jest: <bots> <communities> <hours> <instances> <seed>.

const [bots = 1, communities = 1, hours = 1, instances = 1, seed = 1] = process.argv.slice(2).map(Number);
const outcome = await runFleet(fleetTrial(seededRandom(seed), { bots, communities, hours, instances }));
process.stdout.write(JSON.stringify(summariseFleet(outcome)));
