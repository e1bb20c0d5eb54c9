import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DEPLOY_CHANGED_USAGE, parseDeployChangedOptions, type DeployChangedOptions } from './options.ts';
import { runCommand } from './run-command.ts';

/**
 * One release: every service that is another here than there is built and deployed, one after the other. Each by
 * itself: one that is rolled back does not keep the others from being deployed. @throws Error that names those that
 * were not.
 */
async function deployChanged(
  { project, region, repository, commit }: DeployChangedOptions,
  signal: AbortSignal,
): Promise<void> {
  const place = ['--project', project, '--region', region];
  const changed = JSON.parse(await output('changed-services.ts', place, signal)) as readonly string[];
  process.stdout.write(`changed: ${changed.length === 0 ? 'nothing' : changed.join(', ')}\n`);
  const failed: string[] = [];
  for (const service of changed) {
    try {
      const image = (
        await output('build-image.ts', ['--service', service, '--repository', repository, '--commit', commit], signal)
      ).trim();
      await toTheEnd(
        'deploy-service.ts',
        ['--service', service, '--image', image, '--commit', commit, ...place],
        signal,
      );
    } catch (error) {
      process.stderr.write(`${service}: ${error instanceof Error ? error.message : String(error)}\n`);
      failed.push(service);
    }
    if (signal.aborted) throw new Error('the run was cancelled');
  }
  if (failed.length > 0) throw new Error(`not deployed: ${failed.join(', ')}`);
}

async function output(script: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  let printed = '';
  await toTheEnd(script, args, signal, (text) => (printed += text));
  return printed;
}

/** In a process of its own, which takes the traffic back when it is told to end: that is waited for. */
async function toTheEnd(
  script: string,
  args: readonly string[],
  signal: AbortSignal,
  onOutput?: (text: string) => void,
): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, join(import.meta.dirname, script), ...args], {
    stdio: ['ignore', onOutput === undefined ? 'inherit' : 'pipe', 'inherit'],
  });
  child.stdout?.setEncoding('utf8').on('data', onOutput ?? (() => undefined));
  const end = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', end);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  signal.removeEventListener('abort', end);
  if (exitCode !== 0) throw new Error(`${script} failed (exit code ${String(exitCode)})`);
}

await runCommand(DEPLOY_CHANGED_USAGE, async (args, signal) => {
  await deployChanged(parseDeployChangedOptions(args), signal);
});
