import { API_KEY, OPERATOR_KEY } from '../../e2e/harness/credentials.ts';
import { SystemProcess } from '../../e2e/harness/system-process.ts';

const PLACE = ['--project', 'project-of-ours', '--region', 'asia-south1'];

export interface Verified {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function verify(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Verified> {
  const process = new SystemProcess('infra/deploy/verify-cloud/main.ts', environment, args);
  const { code } = await process.exited;
  return { code, stdout: process.stdout, stderr: process.stderr };
}

export function verifyAt(
  url: string,
  { key = API_KEY, operatorKey = OPERATOR_KEY, seconds = 3 } = {},
): Promise<Verified> {
  return verify(['--url', url, '--key', key, '--operator-key', operatorKey, '--wait', String(seconds), ...PLACE]);
}
