import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import { pushPath } from '@paid-community/shared/platform/backends/gcp/push-path.ts';
import { createBotApi } from '@paid-community/shared/telegram/bot-api.ts';
import { registerWebhook } from '@paid-community/shared/telegram/register-webhook.ts';
import { SERVICES } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/platform/ports/topology-types.ts';
import { startNeededSimulators } from '../local/needed-simulators.ts';
import type { Simulators } from '../simulators/simulators.ts';
import { environmentOf } from './service-environments.ts';
import { ServiceProcess } from './service-process.ts';
import type { EmulatedConfig } from './settings.ts';
import { startEmulators } from './start-emulators.ts';

export interface EmulatedSystem {
  readonly urls: Readonly<Record<ServiceName, string>>;
  /** Undefined when both sides are real. */
  readonly simulators: Simulators | undefined;
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
export async function startEmulated(
  config: EmulatedConfig,
  log: Logger,
  report: (line: string) => void,
): Promise<EmulatedSystem> {
  const portOf = (service: ServiceName): number => config.values.PORT + SERVICES.indexOf(service);
  const urlOf = (service: ServiceName): string => `http://127.0.0.1:${portOf(service)}`;
  const opened: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    // Last opened, first closed: the services finish their work while the emulators still answer.
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    const simulators = await startNeededSimulators(config);
    if (simulators !== undefined) opened.push(() => simulators.close());
    const values = {
      ...config.values,
      ...(config.simulated.telegram && simulators !== undefined ? { TELEGRAM_API_ROOT: simulators.telegram.url } : {}),
      ...(config.simulated.webEngage && simulators !== undefined
        ? { WEBENGAGE_API_ROOT: simulators.webengage.url }
        : {}),
    };
    const { project, location, topology } = config;
    const emulators = await startEmulators({ report });
    opened.push(() => emulators.stop());
    await emulators.createTopology({
      project,
      location,
      topology,
      pushEndpoint: ({ service, topic }) => `${urlOf(service)}${pushPath(topic.name)}`,
    });
    report(
      `${topology.topics.length} topics, ${topology.subscriptions.length} push subscriptions and ${topology.queues.length} queue created`,
    );
    report('starting the four services');
    const stopping = new AbortController();
    const processes = SERVICES.map((service) => {
      const environment = environmentOf(service, { values, project, location, emulators, portOf });
      return new ServiceProcess({ service, port: portOf(service), environment, onOutput: printOutputOf(service) });
    });
    opened.push(() => {
      stopping.abort();
      return Promise.all(processes.map((process) => process.shutDown()));
    });
    const failed = Promise.race([
      emulators.failed,
      ...processes.map((process) => endedByItself(process, stopping.signal)),
    ]);
    failed.catch(() => undefined);
    await Promise.race([
      failed,
      Promise.all(
        processes.map(async (process) => {
          await process.ready();
          report(`${process.service} on ${process.url}`);
        }),
      ),
    ]);
    const webhook = pointWebhook(config, { ...values, url: urlOf('join-tracker') }, log, report);
    opened.push(() => webhook.stop());
    return {
      urls: Object.fromEntries(SERVICES.map((service) => [service, urlOf(service)])) as Record<ServiceName, string>,
      simulators,
      failed,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
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

/** With a real bot, Telegram needs a public https URL that leads to the join-tracker: BASE_URL. */
function pointWebhook(
  { simulated }: EmulatedConfig,
  values: EmulatedConfig['values'] & { readonly url: string },
  log: Logger,
  report: (line: string) => void,
): { stop(): Promise<void> } {
  const baseUrl = simulated.telegram ? values.url : values.BASE_URL;
  const [secret] = values.TELEGRAM_WEBHOOK_SECRET;
  if (baseUrl === undefined || secret === undefined) {
    report(`joins will not arrive: set BASE_URL to a public https URL that leads to ${values.url}`);
    return { stop: () => Promise.resolve() };
  }
  const botApi = createBotApi({ apiRoot: values.TELEGRAM_API_ROOT, token: values.TELEGRAM_BOT_TOKEN });
  const stopping = new AbortController();
  const registered = registerWebhook({ baseUrl, secret }, { botApi, clock: systemClock, log }, stopping.signal).then(
    () => {
      if (!stopping.signal.aborted) report(`Telegram's updates go to ${baseUrl}`);
    },
  );
  return {
    stop: async () => {
      stopping.abort();
      await registered;
      botApi.close();
    },
  };
}
