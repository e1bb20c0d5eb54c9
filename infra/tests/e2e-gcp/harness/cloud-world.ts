import { randomBytes } from 'node:crypto';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { openGcpBackend } from '@paid-community/shared/platform/backends/gcp/open-gcp-backend.ts';
import { pushPath } from '@paid-community/shared/platform/backends/gcp/push-path.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { SERVICES } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import type { Subscription, Topic } from '@paid-community/shared/platform/ports/topology-types.ts';
import { freePort } from '../../../run/free-port.ts';
import * as credentials from '../../e2e/harness/credentials.ts';
import { send } from '../../e2e/harness/http.ts';
import { expectPromiseKept, type ExpectedJoin, type Outcome } from '../../e2e/harness/promise.ts';
import type { Purchase } from '../../e2e/harness/wire.ts';
import { environmentOf } from '../../../run/emulators/service-environments.ts';
import { ServiceProcess } from '../../../run/emulators/service-process.ts';
import { readEmulatedSettings, type EmulatedConfig } from '../../../run/emulators/settings.ts';
import type { Emulators } from '../../../run/emulators/start-emulators.ts';
import { startSimulators, type Simulators } from '../../../run/simulators/simulators.ts';
import type { TelegramOptions } from '../../../run/simulators/telegram/telegram-options.ts';
import type { TelegramSimulator } from '../../../run/simulators/telegram/telegram-simulator.ts';
import type { WebEngageSimulator } from '../../../run/simulators/webengage/webengage-simulator.ts';
import { derivedSecret } from '@paid-community/shared/telegram/webhook.ts';
import { deleteSubscriptions } from '../../emulators/delete-subscriptions.ts';
import { sharedEmulators } from '../../emulators/shared-emulators.ts';
import { Relay } from './relay.ts';
import { startTap, type Tap } from './tap.ts';

export interface CloudWorldOptions {
  /** By default those that all test files share, for this world alone: it ends its part of them. */
  readonly emulators?: Emulators;
  /** Environment variables of the services, over those that make them fast. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly telegram?: Partial<TelegramOptions>;
  /** A subscription as this world has it; by default as the topology says. */
  readonly policy?: (subscription: Subscription) => Partial<Subscription>;
  /** What the webhook of each bot is registered for. */
  readonly allowedUpdates?: readonly string[];
}

const FAST = {
  TASKS_MAX_DISPATCHES_PER_SECOND: '100',
  TASKS_MAX_CONCURRENT_DISPATCHES: '20',
  SAFE_RPS_SLEEP_MS: '0',
  BASE_BACKOFF_SEC: '0.2',
};

/**
 * Telegram and WebEngage in this process, the four services in four others, and a project of their own on the
 * emulators.
 */
export class CloudWorld {
  readonly project: string;
  /** Of intake-service. */
  readonly url: string;
  readonly telegram: TelegramSimulator;
  readonly webengage: WebEngageSimulator;
  /** The ports of the same project, as an operator's tool would have them. */
  readonly backend: Backend;
  /** Everything that was published. */
  readonly tap: Tap;
  /** Every request to a service. */
  readonly relay: Relay;
  /** What has to be kept by now: every test adds to it, and holds the whole against the outside. */
  readonly purchases: Purchase[] = [];
  readonly joins: ExpectedJoin[] = [];
  readonly #environments: ReadonlyMap<ServiceName, Readonly<Record<string, string>>>;
  readonly #simulators: Simulators;
  readonly #processes = new Map<ServiceName, ServiceProcess>();
  readonly #leaveEmulators: () => Promise<void>;
  #printed = '';

  private constructor(parts: {
    readonly project: string;
    readonly simulators: Simulators;
    readonly backend: Backend;
    readonly tap: Tap;
    readonly relay: Relay;
    readonly environments: ReadonlyMap<ServiceName, Readonly<Record<string, string>>>;
    readonly leaveEmulators: () => Promise<void>;
  }) {
    this.#leaveEmulators = parts.leaveEmulators;
    this.project = parts.project;
    this.#simulators = parts.simulators;
    this.telegram = parts.simulators.telegram;
    this.webengage = parts.simulators.webengage;
    this.backend = parts.backend;
    this.tap = parts.tap;
    this.relay = parts.relay;
    this.#environments = parts.environments;
    this.url = parts.relay.urlOf('intake-service');
  }

  static async open({
    emulators: given,
    settings = {},
    telegram = {},
    policy = () => ({}),
    allowedUpdates = ['chat_member', 'my_chat_member', 'chat_join_request'],
  }: CloudWorldOptions = {}): Promise<CloudWorld> {
    const emulators = given ?? (await sharedEmulators());
    const simulators = await startSimulators({
      telegram: {
        botToken: credentials.BOT_TOKEN,
        chatId: credentials.CHAT_ID,
        linkCallsPerSecond: 'unlimited',
        retryScale: 0.01,
        ...telegram,
      },
      webengage: {
        licenseCode: credentials.LICENSE_CODE,
        apiKey: credentials.WEBENGAGE_API_KEY,
        eventsPerMinute: 'unlimited',
      },
    });
    const config = readConfig(simulators, settings);
    const { project, location, values } = config;
    const ports = new Map<ServiceName, number>();
    for (const service of SERVICES) ports.set(service, await freePort());
    const relay = await Relay.start(ports);
    // Each knows itself and the others by the relay's ports, and listens on its own.
    const portOf = (service: ServiceName): number => relay.portOf(service);
    const environments = new Map(
      SERVICES.map(
        (service) =>
          [
            service,
            {
              ...environmentOf(service, { values, project, location, emulators, portOf }),
              PORT: String(ports.get(service)),
            },
          ] as const,
      ),
    );
    const tap = await startTap(config.topology.topics);
    const subscriptions = config.topology.subscriptions.map((subscription) => ({
      ...subscription,
      ...policy(subscription),
    }));
    await emulators.createTopology({
      project,
      location,
      topology: { ...config.topology, subscriptions: [...subscriptions, ...tap.subscriptions] },
      pushEndpoint: (subscription) =>
        tap.endpointOf(subscription) ?? `${relay.urlOf(subscription.service)}${pushPath(subscription.topic.name)}`,
    });
    const backend = openGcpBackend({
      projectId: project,
      pubSubEmulatorHost: emulators.pubsubHost,
      firestoreEmulatorHost: emulators.firestoreHost,
      topology: config.topology,
      clock: systemClock,
      log: createLogger({ level: 'silent', secrets: [] }),
    });
    const leaveEmulators = async (): Promise<void> => {
      const place = { projectId: project, emulatorHost: emulators.pubsubHost };
      await deleteSubscriptions(place, [...subscriptions, ...tap.subscriptions]);
      if (given === undefined) await emulators.stop();
    };
    const world = new CloudWorld({ project, simulators, backend, tap, relay, environments, leaveEmulators });
    await Promise.all(SERVICES.map((service) => world.start(service)));
    await world.#registerWebhooks(relay.urlOf('join-tracker'), allowedUpdates);
    return world;
  }

  /** Every word that the services have printed. */
  get printed(): string {
    return this.#printed;
  }

  /** Deliveries of a subscription or queue that came to this end: `acknowledged`, `handed_back` or `dead_lettered`. */
  deliveries(source: string, outcome: string): number {
    return this.#printed
      .split('\n')
      .filter((line) => line.includes(`"source":"${source}"`) && line.includes(`"outcome":"${outcome}"`)).length;
  }

  /**
   * Starts a service that is not running, on the same port and with `changed` variables, and waits until it is ready.
   */
  async start(service: ServiceName, changed: Readonly<Record<string, string>> = {}): Promise<void> {
    const environment = { ...this.#environments.get(service), ...changed };
    const process = new ServiceProcess({
      service,
      port: Number(environment['PORT']),
      environment,
      onOutput: (text) => void (this.#printed += text),
    });
    this.#processes.set(service, process);
    await process.ready();
  }

  /** Ends a service as a power cut would. */
  async kill(service: ServiceName): Promise<void> {
    expectKilled(await this.#processes.get(service)?.kill());
  }

  /** Publishes a message again, as a publisher that never learned of its success does. */
  async republish(topic: Topic, times: number): Promise<void> {
    const { data, attributes } = this.tap.last(topic);
    await Promise.all(Array.from({ length: times }, () => this.backend.eventBus.publish(topic, { data, attributes })));
  }

  /** Holds everything so far against the promise. */
  keepsItsPromise(): Promise<Outcome> {
    return expectPromiseKept(this, { purchases: this.purchases, joins: this.joins });
  }

  /** Ends every process. @throws when something secret was printed. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#processes.values()].filter(({ isRunning }) => isRunning).map((process) => process.kill()),
    );
    await this.#leaveEmulators();
    await this.relay.close();
    await this.tap.close();
    await this.backend.close();
    await this.#simulators.close();
    credentials.assertNothingSecretIn(this.#printed);
  }

  async #registerWebhooks(baseUrl: string, allowedUpdates: readonly string[]): Promise<void> {
    for (const [index, { botId, token }] of this.telegram.bots.entries()) {
      const path = index === 0 ? '' : `/${botId}`;
      const secret =
        index === 0 ? credentials.WEBHOOK_SECRET : derivedSecret(credentials.WEBHOOK_SECRET, String(botId));
      const answer = await send(`${this.telegram.url}/bot${token}/setWebhook`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: {
          url: `${baseUrl}/v1/telegram/webhook${path}`,
          secret_token: secret,
          allowed_updates: allowedUpdates,
        },
      });
      if (answer.status !== 200) throw new Error(`The webhook was not registered: ${answer.text}`);
    }
    await eventually(() => this.telegram.bots.every(({ calls }) => calls.of('setWebhook') === 1));
  }
}

function readConfig({ telegram, webengage }: Simulators, settings: Readonly<Record<string, string>>): EmulatedConfig {
  return readEmulatedSettings({
    TELEGRAM_BOT_TOKEN: credentials.BOT_TOKEN,
    TELEGRAM_BOT_TOKENS: telegram.bots
      .slice(1)
      .map(({ token }) => token)
      .join(','),
    TELEGRAM_CHAT_ID: String(credentials.CHAT_ID),
    TELEGRAM_API_ROOT: telegram.url,
    TELEGRAM_WEBHOOK_SECRET: credentials.WEBHOOK_SECRET,
    WEBENGAGE_LICENSE_CODE: credentials.LICENSE_CODE,
    WEBENGAGE_API_KEY: credentials.WEBENGAGE_API_KEY,
    WEBENGAGE_API_ROOT: webengage.url,
    INTAKE_API_KEYS: `${credentials.API_KEY},${credentials.NEXT_API_KEY}`,
    OPERATOR_API_KEYS: `ada:${credentials.OPERATOR_KEY},ben:${credentials.NEXT_OPERATOR_KEY}`,
    LOG_LEVEL: 'debug',
    GCP_PROJECT: `e2e-${randomBytes(4).toString('hex')}`,
    ...FAST,
    ...settings,
  });
}

function expectKilled(exit: { readonly signal: NodeJS.Signals | null } | undefined): void {
  if (exit?.signal !== 'SIGKILL') throw new Error(`The service was not running: ${JSON.stringify(exit)}`);
}
