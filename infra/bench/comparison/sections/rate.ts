import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Context } from '../context.ts';
import type { SectionResult } from '../results/result.ts';

const ROOT = new URL('../../../../', import.meta.url);
const SCRIPT = 'bench:rate';

/** The table of the rate governor's simulator, as it prints it: nothing here depends on the machine. */
export async function measureRate(context: Context): Promise<SectionResult | undefined> {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const command = scripts[SCRIPT];
  if (command === undefined) return undefined;
  context.progress(`rate: npm run ${SCRIPT}`);
  const [, ...args] = command.split(' ');
  const child = spawn(process.execPath, args, { cwd: fileURLToPath(ROOT), stdio: ['ignore', 'pipe', 'inherit'] });
  // Exit code 1 says that a goal was missed, and the output says which.
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<unknown[]>]);
  if (code !== 0 && code !== 1) throw new Error(`npm run ${SCRIPT} ended with ${String(code)}`);
  return { id: 'rate', columns: [], measures: [], sizes: {}, text: output.trimEnd(), voidBecause: [] };
}
