import { OPERATOR_KEY } from './credentials.ts';
import { SystemProcess } from './system-process.ts';

export interface OpsResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` printed; undefined when it is no JSON. */
  readonly json: unknown;
}

/**
 * `npm run ops -- <args>` as an operator types it, a process of its own; with ada's key and the URL of the system
 * unless `environment` says otherwise.
 */
export async function ops(
  { url }: { readonly url: string },
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<OpsResult> {
  const process = new SystemProcess(
    'infra/ops/main.ts',
    { OPERATOR_URL: url, OPERATOR_API_KEY: OPERATOR_KEY, ...environment },
    args,
  );
  const { code } = await process.exited;
  const { stdout, stderr } = process;
  return { code, stdout, stderr, json: parse(stdout) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Meant for a person.
    return undefined;
  }
}
