import { errorMessage } from '@paid-community/shared/platform/ports/errors.ts';
import { pushPath } from '@paid-community/shared/platform/backends/gcp/push-path.ts';
import { SERVICES } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { connectOpsApi, type OpsApi } from '../../ops/ops-api.ts';
import { startNeededSimulators, withSimulators } from '../local/needed-simulators.ts';
import { operatorKeyOf } from '../local/settings.ts';
import { connectSimulated, STARTING_COMMUNITIES, type SimulatedCommunity } from '../local/simulated-communities.ts';
import type { Simulators } from '../simulators/simulators.ts';
import { environmentOf } from './service-environments.ts';
import { ServiceProcess } from './service-process.ts';
import type { EmulatedConfig } from './settings.ts';
import { startEmulators } from './start-emulators.ts';

export interface EmulatedSystem {
  readonly urls: Readonly<Record<ServiceName, string>>;
  /** Undefined when both sides are real. */
  readonly simulators: Simulators | undefined;
  /** Besides `default`; none where Telegram is real. */
  readonly communities: readonly SimulatedCommunity[];
  /** Rejects when a service or an emulator ends by itself; never resolves. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/**
 * The four services as four processes, on Google's emulators and our Cloud Tasks test server, with a simulator for each
 * side that has no credentials. Measured on two busy cores: 9 to 10 s to ready, of which the emulators take 5, and 0.3
 * s to stop.
 * @throws an error with a readable message; nothing is left running.
 */
export async function startEmulated(config: EmulatedConfig, report: (line: string) => void): Promise<EmulatedSystem> {
  const { project, location, topology } = config;
  const portOf = (service: string): number => config.values.PORT + SERVICES.findIndex((name) => name === service);
  const urlOf = (service: string): string => `http://127.0.0.1:${portOf(service)}`;
  // Last opened, first closed: the services finish their work while the emulators still answer.
  await using opened = new AsyncDisposableStack();
  const communities = config.simulated.telegram ? STARTING_COMMUNITIES : [];
  const simulators = await startNeededSimulators(config, communities);
  opened.defer(() => simulators?.close());
  const values = withSimulators(config, simulators);
  const emulators = await startEmulators({ report });
  opened.defer(() => emulators.stop());
  await emulators.createTopology({
    project,
    location,
    topology,
    pushEndpoint: ({ service, topic }) => `${urlOf(service)}${pushPath(topic.name)}`,
  });
  report(
    `${topology.topics.length} topics, ${topology.subscriptions.length} push subscriptions and ${topology.queues.length} queues created`,
  );
  report('starting the four services');
  const stopping = new AbortController();
  const processes = SERVICES.map((service) => {
    const environment = environmentOf(service, { values, project, location, emulators, portOf });
    return new ServiceProcess({ service, port: portOf(service), environment, onOutput: printOutputOf(service) });
  });
  opened.defer(async () => {
    stopping.abort();
    await Promise.all(processes.map((process) => process.shutDown()));
  });
  const failed = Promise.race([
    emulators.failed,
    ...processes.map((process) => endedByItself(process, stopping.signal)),
  ]);
  failed.catch(() => undefined);
  const ready = processes.map(async (process) => {
    await process.ready();
    report(`${process.service} on ${process.url}`);
  });
  await Promise.race([failed, Promise.all(ready)]);
  const api = connectOpsApi({ url: urlOf('intake-service'), key: operatorKeyOf(values) });
  await Promise.race([failed, setWebhook(config, api, { urlOf, report })]);
  const problems = await Promise.race([failed, connectSimulated(communities, api)]);
  problems.forEach(report);
  const closing = opened.move();
  return {
    urls: Object.fromEntries(SERVICES.map((service) => [service, urlOf(service)])) as Record<ServiceName, string>,
    simulators,
    communities,
    failed,
    stop: () => closing.disposeAsync(),
  };
}

async function endedByItself(process: ServiceProcess, stopping: AbortSignal): Promise<never> {
  const { code, signal } = await process.exited;
  if (stopping.aborted) return new Promise<never>(() => undefined);
  throw new Error(
    `${process.service} has ended by itself (${signal ?? `exit code ${code ?? ''}`}); everything else is stopped too`,
  );
}

// Log lines are JSON on standard output and stay whole; words to a person get the name of who says them.
function printOutputOf(service: ServiceName): (text: string, stream: 'stdout' | 'stderr') => void {
  return (text, stream) => {
    if (stream === 'stdout') process.stdout.write(text);
    else process.stderr.write(text.replaceAll(/^(?=.)/gm, `[${service}] `));
  };
}

/**
 * As a deployment on Google Cloud does: the doctor has link-worker set the webhook, because no other process has the
 * token. A real Telegram needs a public https URL that leads to join-tracker: BASE_URL.
 */
async function setWebhook(
  { values, simulated }: EmulatedConfig,
  api: OpsApi,
  { urlOf, report }: { readonly urlOf: (service: ServiceName) => string; readonly report: (line: string) => void },
): Promise<void> {
  if (!simulated.telegram && values.BASE_URL === undefined) {
    report(`joins will not arrive: set BASE_URL to a public https URL that leads to ${urlOf('join-tracker')}`);
    return;
  }
  try {
    const { fixed } = await api.post<{ readonly fixed: string }>('/health/fix');
    report(fixed);
  } catch (error) {
    report(`joins will not arrive until npm run ops -- doctor --fix sets the webhook: ${errorMessage(error)}`);
  }
}
