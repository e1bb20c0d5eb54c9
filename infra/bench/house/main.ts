import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { importCircles } from './import-circles.ts';
import { readSourceFile, readSourceFiles, type SourceFile } from './source-files.ts';

// Figures of the code itself: `npm run figures`, or `npm run figures -- FOLDER` for another checkout. Tests are not
// counted. Times are measured with the commands themselves: npm test, npm run check, npm run bench.

const SERVICES = ['intake-service', 'link-worker', 'join-tracker', 'event-emitter'];
const repository = resolve(process.argv[2] ?? join(import.meta.dirname, '../../..'));

const parts: readonly (readonly [string, readonly string[]])[] = [
  ['four services', SERVICES],
  ['shared', ['shared']],
  ['infra', ['infra']],
];

function figuresOf(files: readonly SourceFile[]): Record<string, number | string> {
  const lengths = files.map(({ lines }) => lines.length).toSorted((a, b) => a - b);
  const at = (share: number): number => lengths[Math.min(lengths.length - 1, Math.floor(share * lengths.length))] ?? 0;
  const lines = files.flatMap((file) => file.lines);
  const wider = (columns: number): string => {
    const count = lines.filter((line) => line.length > columns).length;
    return `${count} (${((100 * count) / lines.length).toFixed(1)} %)`;
  };
  const longer = (than: number): number => lengths.filter((length) => length > than).length;
  return {
    files: files.length,
    lines: lines.length,
    'median / p90 / max lines': `${at(0.5)} / ${at(0.9)} / ${at(1)}`,
    'files over 200 lines': longer(200),
    'over 300': longer(300),
    'lines over 120 columns': wider(120),
    'over 140': wider(140),
  };
}

const counted: SourceFile[] = [];
const table: Record<string, Record<string, number | string>> = {};
for (const [name, folders] of parts) {
  const files = await readSourceFiles(repository, folders);
  counted.push(...files);
  table[name] = figuresOf(files);
}
console.log(repository);
console.table(table);

const circles = importCircles(counted);
console.log(`Import circles, those of types included: ${circles.length}`);
for (const circle of circles) console.log(`  ${circle.join('\n  ')}\n`);

for (const page of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'])
  if (existsSync(join(repository, page)))
    console.log(`${page}: ${readSourceFile(repository, page).lines.length} lines`);
