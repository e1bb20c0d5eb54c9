import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Something is missing or a step failed; the message says what to do. */
export class UpError extends Error {
  override readonly name = 'UpError';
  readonly isUsage: boolean;
  readonly exitCode: 1 | 2;

  constructor(
    message: string,
    { isUsage = false, exitCode = 2 }: { readonly isUsage?: boolean; readonly exitCode?: 1 | 2 } = {},
  ) {
    super(message);
    this.isUsage = isUsage;
    this.exitCode = exitCode;
  }
}

export interface ToolRun {
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Written to the tool's standard input. */
  readonly input?: string;
}

/**
 * What a tool printed on its standard output; its standard error is the terminal's. @throws UpError when it fails or is
 * not installed.
 */
export async function readTool(
  tool: string,
  args: readonly string[],
  { cwd, environment, input }: ToolRun = {},
): Promise<string> {
  const child = spawn(tool, args, { cwd, env: environment, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close') as Promise<[number | null]>;
  // A tool that does not read its input to the end says why by its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  const [output, [exitCode]] = await Promise.all([text(child.stdout), ended]).catch((error: unknown) => {
    throw notStarted(tool, error);
  });
  if (exitCode !== 0)
    throw new UpError(`${tool} ${args.slice(0, 3).join(' ')} failed; what it says is above`, { exitCode: 1 });
  return output;
}

/** A tool that talks to the person at the terminal. */
export async function runTool(
  tool: string,
  args: readonly string[],
  { cwd, environment }: Omit<ToolRun, 'input'> = {},
): Promise<number> {
  const child = spawn(tool, args, { cwd, env: environment, stdio: 'inherit' });
  const [exitCode] = (await once(child, 'close').catch((error: unknown) => {
    throw notStarted(tool, error);
  })) as [number | null];
  return exitCode ?? 1;
}

function notStarted(tool: string, error: unknown): Error {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
    return new UpError(`${tool} is not installed, or not on the PATH; README.md says where it comes from`);
  return error instanceof Error ? error : new Error(String(error));
}
