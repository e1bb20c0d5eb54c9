import { readFileSync, writeFileSync } from 'node:fs';
import './workspace-packages.ts';

const README = new URL('README.md', import.meta.url);
const { withTables } = await import('./tables.ts');
writeFileSync(README, withTables(readFileSync(README, 'utf8')));
