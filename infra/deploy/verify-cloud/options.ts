import { join } from 'node:path';
import { readOptions } from '../../ops/command-line/read-arguments.ts';
import { UsageError } from '../../ops/command-line/usage-error.ts';
import { wholeNumber } from '../../ops/command-line/whole-number.ts';
import { readTool } from '../gcp/up/run-tool.ts';

export const VERIFY_HELP = `npm run verify:cloud -- --stack NAME [--wait SECONDS]
npm run verify:cloud -- --url INTAKE_URL --key INTAKE_KEY --operator-key OPERATOR_KEY [--project ID] [--region REGION] [--wait SECONDS]

Sends one purchase of the made-up user verify-cloud-<time> through the real services, says at which step it stops, and erases it.
  --stack         reads the URL from pulumi, and the keys from Secret Manager by gcloud
  --key           one of INTAKE_API_KEYS; or INTAKE_API_KEY in the environment
  --operator-key  the part after the colon of one of OPERATOR_API_KEYS; or OPERATOR_API_KEY in the environment
  --project, --region   for the commands that it advises
  --wait          seconds that the purchase may take in all, 180 unless given

It ends with 0: everything works; 1: a step failed; 2: the arguments are wrong, or a tool is missing.
`;

export interface VerifyOptions {
  /** Of intake-service, without a slash at the end. */
  readonly url: string;
  readonly key: string;
  readonly operatorKey: string;
  /** As far as they are known. */
  readonly project: string | undefined;
  readonly region: string | undefined;
  readonly waitMs: number;
}

type Given = Partial<Readonly<Record<'url' | 'key' | 'operatorKey' | 'project' | 'region', string>>>;

/** Undefined when only help was asked for. @throws UsageError; UpError when pulumi or gcloud fails or is missing. */
export async function readVerifyOptions(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<VerifyOptions | undefined> {
  const text = { type: 'string' } as const;
  const values = readOptions(args, {
    stack: text,
    url: text,
    key: text,
    'operator-key': text,
    project: text,
    region: text,
    wait: text,
    help: { type: 'boolean' },
  });
  if (values.help === true) return undefined;
  if (values.stack === undefined && values.url === undefined) throw new UsageError('--stack or --url is needed');
  const waitMs = wholeNumber('--wait', values.wait ?? '180', 1, 3_600) * 1_000;
  if (values.url !== undefined) checkUrl(values.url);
  const key = values.key ?? environment['INTAKE_API_KEY'];
  const operatorKey = values['operator-key'] ?? environment['OPERATOR_API_KEY'];
  const stack = values.stack === undefined ? {} : await readStack(values.stack, { key, operatorKey }, environment);
  const found: Given = {
    ...stack,
    ...present({ url: values.url, key, operatorKey, project: values.project, region: values.region }),
  };
  if (found.key === undefined)
    throw new UsageError('--key is needed (or INTAKE_API_KEY in the environment): one of INTAKE_API_KEYS');
  if (found.operatorKey === undefined)
    throw new UsageError(
      '--operator-key is needed (or OPERATOR_API_KEY in the environment): the part after the colon of one of OPERATOR_API_KEYS',
    );
  return {
    url: checkUrl(found.url ?? ''),
    key: header('--key', found.key),
    operatorKey: header('--operator-key', found.operatorKey),
    project: found.project,
    region: found.region,
    waitMs,
  };
}

/** The stack's outputs, and keys that were not given. */
async function readStack(
  stack: string,
  given: { readonly key: string | undefined; readonly operatorKey: string | undefined },
  environment: NodeJS.ProcessEnv,
): Promise<Given> {
  const output = await readTool('pulumi', ['stack', 'output', '--json', '--stack', stack, '--non-interactive'], {
    cwd: join(import.meta.dirname, '../gcp'),
    environment,
  });
  const {
    GCP_PROJECT: project,
    GCP_REGION: region,
    intakeUrl: url,
  } = JSON.parse(output) as { readonly GCP_PROJECT: string; readonly GCP_REGION: string; readonly intakeUrl: string };
  const first = async (secret: string): Promise<string> => {
    const value = await readTool(
      'gcloud',
      ['secrets', 'versions', 'access', 'latest', `--secret=${secret}`, `--project=${project}`, '--quiet'],
      { environment },
    );
    return value.trim().split(',')[0] ?? '';
  };
  const key = given.key ?? (await first('INTAKE_API_KEYS'));
  const operator = given.operatorKey ?? (await first('OPERATOR_API_KEYS')).replace(/^[^:]*:/, '');
  return { url, key, operatorKey: operator, project, region };
}

function present(values: Readonly<Record<string, string | undefined>>): Given {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''));
}

function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== ''
  ) {
    throw new UsageError(
      '--url must be the URL of intake-service, such as https://intake-service-123456789012.asia-south1.run.app',
    );
  }
  return url.href.replace(/\/+$/, '');
}

// What an HTTP header may hold; no message quotes it.
function header(option: string, key: string): string {
  if (!/^[\x21-\x7e]+$/.test(key)) throw new UsageError(`${option} must be printable characters without spaces`);
  return key;
}
