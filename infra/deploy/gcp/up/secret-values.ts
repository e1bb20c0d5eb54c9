import { randomBytes } from 'node:crypto';
import { readTool, UpError } from './run-tool.ts';

const random = (): string => randomBytes(24).toString('hex');

/** Secrets that are nobody else's to give: made up here when there is no value yet. */
const GENERATED: Readonly<Record<string, () => string>> = {
  INTAKE_API_KEYS: random,
  OPERATOR_API_KEYS: () => `operator:${random()}`,
  TELEGRAM_WEBHOOK_SECRET: random,
};

export interface SecretPlace {
  readonly project: string;
  /** Where values are looked for, each under the name of its secret. */
  readonly environment: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

/**
 * Puts a first value into every secret that has none. One that has a value is left alone: a new one is a rotation, and
 * that is done by hand, step by step.
 * @throws UpError that lists every secret whose value nobody has given.
 */
export async function fillSecrets(names: readonly string[], { project, environment, say }: SecretPlace): Promise<void> {
  const empty: string[] = [];
  for (const name of names) {
    if (!(await hasValue(name, project))) empty.push(name);
  }
  const values = new Map(empty.map((name) => [name, environment[name]?.trim() || GENERATED[name]?.()]));
  const missing = [...values].filter(([, value]) => value === undefined).map(([name]) => name);
  if (missing.length > 0)
    throw new UpError(
      `No value for ${missing.join(', ')}: set ${missing.length === 1 ? 'it' : 'them'} as environment variables and run this again`,
    );
  for (const [name, value] of values) {
    await readTool('gcloud', ['secrets', 'versions', 'add', name, '--data-file=-', `--project=${project}`, '--quiet'], {
      environment,
      input: value ?? '',
    });
    say(
      `${name}: ${environment[name] === undefined || environment[name].trim() === '' ? 'a random value was made' : 'the value was put in'}`,
    );
  }
}

async function hasValue(name: string, project: string): Promise<boolean> {
  const versions = await readTool('gcloud', [
    'secrets',
    'versions',
    'list',
    name,
    '--filter=state=ENABLED',
    '--limit=1',
    '--format=value(name)',
    `--project=${project}`,
    '--quiet',
  ]);
  return versions.trim() !== '';
}
