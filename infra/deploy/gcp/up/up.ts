import { join } from 'node:path';
import { SERVICES } from '@paid-community/shared/topology.ts';
import type { UpOptions } from './options.ts';
import { readTool, runTool, UpError } from './run-tool.ts';
import { fillSecrets } from './secret-values.ts';

const HERE = join(import.meta.dirname, '..');
const ROOT = join(HERE, '..', '..', '..');
/** So that the script, too, finds the packages of this repository without the root's `npm ci`. */
const WORKSPACE_PACKAGES = new URL('../workspace-packages.ts', import.meta.url).href;

export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

interface Outputs {
  readonly GCP_PROJECT: string;
  readonly IMAGE_REPOSITORY: string;
  readonly intakeUrl: string;
  readonly secrets: readonly string[];
}

/**
 * Declares everything, fills the secrets that are empty, builds the images that the stack does not name yet, starts the
 * services, sets the webhook. Each step looks first, so it can be run again after any of them has failed. Returns the
 * doctor's exit code.
 */
export async function up({ stack, yes }: UpOptions, { environment, say }: Surroundings): Promise<number> {
  const pulumi = (...args: readonly string[]): Promise<string> =>
    readTool('pulumi', [...args, '--stack', stack, '--non-interactive'], { cwd: HERE, environment });
  const change = async (): Promise<void> => {
    const exitCode = await runTool('pulumi', ['up', '--stack', stack, ...(yes ? ['--yes'] : [])], {
      cwd: HERE,
      environment,
    });
    if (exitCode !== 0)
      throw new UpError('pulumi up failed; what it says is above. Run this again when it is mended', { exitCode: 1 });
  };
  const steps = ['the project', 'the secrets', 'the images', 'the services', 'the webhook'];
  const step = (name: string): void => say(`[${steps.indexOf(name) + 1}/${steps.length}] ${name}`);

  step('the project');
  await change();
  const outputs = JSON.parse(await pulumi('stack', 'output', '--json')) as Outputs;

  step('the secrets');
  await fillSecrets(outputs.secrets, { project: outputs.GCP_PROJECT, environment, say });

  step('the images');
  const built = await buildMissingImages(outputs.IMAGE_REPOSITORY, { environment, say }, pulumi);

  step('the services');
  // Without new images the first run has declared them already.
  if (built > 0) await change();
  else say('they have their images; a new one comes by a deploy');

  step('the webhook');
  const keys = await readTool(
    'gcloud',
    [
      'secrets',
      'versions',
      'access',
      'latest',
      '--secret=OPERATOR_API_KEYS',
      `--project=${outputs.GCP_PROJECT}`,
      '--quiet',
    ],
    { environment },
  );
  const [first = ''] = keys.trim().split(',');
  return runTool('npm', ['run', '--silent', 'ops', '--', 'doctor', '--fix', '--url', outputs.intakeUrl], {
    cwd: ROOT,
    environment: { ...environment, OPERATOR_API_KEY: first.slice(first.indexOf(':') + 1) },
  });
}

/** Returns how many services had none. */
async function buildMissingImages(
  repository: string,
  { environment, say }: Surroundings,
  pulumi: (...args: readonly string[]) => Promise<string>,
): Promise<number> {
  const config = JSON.parse(await pulumi('config', '--json')) as Readonly<
    Record<string, { readonly objectValue?: Readonly<Record<string, string>> }>
  >;
  const images = config['paid-community:images']?.objectValue ?? {};
  const missing = SERVICES.filter((service) => images[service] === undefined);
  if (missing.length === 0) return 0;
  const commit = (await readTool('git', ['rev-parse', 'HEAD'], { cwd: ROOT, environment })).trim();
  await readTool('gcloud', ['auth', 'configure-docker', repository.split('/', 1)[0] ?? '', '--quiet'], { environment });
  const found = new Map<string, string>();
  for (const service of missing) {
    const args = [
      '--import',
      WORKSPACE_PACKAGES,
      'infra/deploy/delivery/build-image.ts',
      '--service',
      service,
      '--repository',
      repository,
      '--commit',
      commit,
    ];
    const image = (await readTool(process.execPath, args, { cwd: ROOT, environment })).trim();
    say(`${service}: ${image}`);
    found.set(service, image);
  }
  // All or none: the program takes no half of them.
  for (const [service, image] of found) await pulumi('config', 'set', '--path', `images.${service}`, image);
  return missing.length;
}
