import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Context } from '../context.ts';
import type { SectionResult } from '../results/result.ts';

const ROOT = new URL('../../../../', import.meta.url);
const SCRIPT = 'bench:rate';

/** The table of the rate governor's simulator, as it prints it: nothing here depends on the machine. */
export async function measureRate(context: Context): Promise<SectionResult | undefined> {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { readonly scripts: Readonly<Record<string, string>> };
  const command = scripts[SCRIPT];
  if (command === undefined) return undefined;
  context.progress(`rate: npm run ${SCRIPT}`);
  const [, ...args] = command.split(' ');
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: fileURLToPath(ROOT), maxBuffer: 2 ** 24 });
  return { id: 'rate', columns: [], measures: [], sizes: {}, text: stdout.trimEnd(), voidBecause: [] };
}
