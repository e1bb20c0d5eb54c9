import { createLogger, type Logger } from '@paid-community/shared/platform/log/logger.ts';
import { UsageError } from '../../ops/command-line/usage-error.ts';
import { simulatedCommunities } from '../local/simulated-communities.ts';
import { call, describeFault } from './call.ts';
import { Ledger } from './ledger.ts';
import type { DemoOptions } from './options.ts';
import { planPurchases, type Plan } from './plan-purchases.ts';
import { showProgress, type Progress } from './progress.ts';
import { readPurchaseFile } from './read-purchases.ts';
import { describeOutcome, describeProblems } from './report.ts';
import { sendPurchases } from './send-purchases.ts';
import { SimulatorControl } from './simulator-control.ts';
import type { DemoSystem } from './start-system.ts';
import { watchRequests } from './watch-requests.ts';

/**
 * Returns the exit code: 0, or 1 when something is missing; undefined when `interrupted` ended it.
 * @throws UsageError when the file, the address or the key is wrong.
 */
export async function runDemo(options: DemoOptions, interrupted: AbortSignal): Promise<0 | 1 | undefined> {
  const { stdout, stderr } = process;
  const { apiKey, target } = options;
  const file = await readPurchaseFile(options.file);
  const unreadable = file.unreadable.map(({ line, reason }) => ({ origin: `line ${line}`, reason }));
  stderr.write(describeProblems(`Unreadable lines in ${options.file}`, unreadable));
  const plan = planPurchases(file, options);
  if (plan.purchases.length === 0)
    throw new UsageError(`${options.file} has no usable purchase; use another --file, or --count for generated ones`);

  let progress: Progress | undefined;
  // Not the warnings: a 429 of WebEngage, which goes by, is one for each event.
  const log = createLogger({
    level: 'error',
    secrets: [apiKey],
    write: (line) => (progress === undefined ? stderr.write(line) : progress.note(line)),
  });
  const system =
    target === undefined ? await startOwnSystem(options, log) : { ...target, stop: () => Promise.resolve() };
  try {
    const failed = new AbortController();
    const signal = AbortSignal.any([
      interrupted,
      failed.signal,
      AbortSignal.timeout(options.timeoutMs ?? defaultTimeoutMs(plan)),
    ]);
    const simulator = new SimulatorControl(system.simulatorUrl, signal);
    if (target !== undefined) await requireAnswer(target.url, signal);
    if (target !== undefined && plan.joins > 0) await simulator.requireReachable();
    stdout.write(introduction(plan, target));

    const repeatsBefore = await simulator.repeatsIgnored().catch(() => undefined);
    const ledger = new Ledger(plan);
    const startedAt = performance.now();
    const showing = showProgress({ totals: ledger.totals, counts: ledger.counts, stdout, stderr });
    progress = showing;
    try {
      await sendAndWatch({ url: system.url, apiKey, ledger, simulator, signal }, failed);
    } finally {
      progress = undefined;
      showing.stop();
    }
    if (interrupted.aborted) return undefined;
    const durationMs = performance.now() - startedAt;
    const repeatsAfter = await new SimulatorControl(system.simulatorUrl, interrupted)
      .repeatsIgnored()
      .catch(() => undefined);
    const repeatsAtWebEngage =
      repeatsBefore === undefined || repeatsAfter === undefined ? undefined : repeatsAfter - repeatsBefore;
    stderr.write(describeProblems('Refused by the system', ledger.refused));
    // With --count the unreadable ones have been replaced.
    const isComplete = ledger.isComplete && (options.count !== undefined || unreadable.length === 0);
    stdout.write(
      describeOutcome({ isComplete, ledger, unreadable: unreadable.length, repeatsAtWebEngage, durationMs }),
    );
    return isComplete ? 0 : 1;
  } finally {
    await system.stop();
  }
}

async function startOwnSystem({ apiKey, communities }: DemoOptions, log: Logger): Promise<DemoSystem> {
  // Loaded here, since a run against another system has no use for four services.
  const { startSystem } = await import('./start-system.ts');
  return startSystem({ apiKey, communities: simulatedCommunities(communities), log });
}

async function sendAndWatch(deps: Parameters<typeof watchRequests>[1], failed: AbortController): Promise<void> {
  const sending = { isOver: false };
  const stopOthers = (error: unknown): never => {
    failed.abort();
    throw error;
  };
  const sent = sendPurchases(deps).then(() => {
    sending.isOver = true;
  });
  const results = await Promise.allSettled([sent.catch(stopOthers), watchRequests(sending, deps).catch(stopOthers)]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

// A wrong address is told at once; one that stops answering later is tried again until the time is up.
async function requireAnswer(url: string, signal: AbortSignal): Promise<void> {
  try {
    await call(`${url}/healthz`, { signal, timeoutMs: 5_000 });
  } catch (error) {
    if (!signal.aborted)
      throw new UsageError(
        `Nothing answers at ${url}: ${describeFault(error)}; is --url right, and does the system run?`,
        { cause: error },
      );
  }
}

function defaultTimeoutMs(plan: Plan): number {
  return 60_000 + plan.different * 500;
}

function introduction(plan: Plan, target: DemoOptions['target']): string {
  const repeats = plan.purchases.length - plan.different;
  const spread = plan.communities.length === 1 ? '' : `, communities: ${plan.communities.length}`;
  const what = `purchases: ${plan.different}, repeats of them: ${repeats}, buyers who then join: ${plan.joins}${spread}`;
  const where = target === undefined ? 'a system in this process, with Telegram and WebEngage SIMULATED' : target.url;
  return `Sending to ${where}:\n${what}\n\n`;
}
