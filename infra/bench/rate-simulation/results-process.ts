import { compare, SENDERS } from './compare.ts';
import { SCENARIOS } from './scenarios.ts';

// A process of its own for the test: inside jest, where every `Math` is looked up in another context, the same takes
// six times as long. Usage: node results-process.ts <sender> <seeds> <links> [scenario]; prints a JSON array of {
// scenario, results }.

const [senderName, seeds, links, only] = process.argv.slice(2);
const senders = SENDERS.filter(({ name }) => name === senderName);
const scenarios = SCENARIOS.filter(({ name }) => only === undefined || name === only);
if (senders.length === 0 || scenarios.length === 0) throw new Error('There is no such sender or scenario');
const numbers = Array.from({ length: Number(seeds) }, (_, index) => index + 1);
const all = scenarios.map((scenario) => ({
  scenario: scenario.name,
  results: numbers.flatMap((seed) => compare(scenario, seed, Number(links), senders)),
}));
process.stdout.write(JSON.stringify(all));
