import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { createLogger } from '@paid-community/shared/platform/log/logger.ts';
import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { eventually } from '@paid-community/shared/platform/testing/eventually.ts';
import { readLocalSettings } from '../../../run/local/settings.ts';
import { startLocal, type LocalSystem } from '../../../run/local/start-local.ts';
import { startSimulators, type Simulators } from '../../../run/simulators/simulators.ts';
import type { TelegramOptions } from '../../../run/simulators/telegram/telegram-options.ts';
import type { TelegramSimulator } from '../../../run/simulators/telegram/telegram-simulator.ts';
import type { WebEngageOptions, WebEngageSimulator } from '../../../run/simulators/webengage/webengage-simulator.ts';
import * as credentials from './credentials.ts';
import { FAST } from './fast.ts';
import type { Fragility } from './fragile-system.ts';
import { freePort } from '../../../run/free-port.ts';
import { SystemProcess } from './system-process.ts';

export interface WorldOptions {
  readonly telegram?: Partial<TelegramOptions>;
  readonly webengage?: Partial<WebEngageOptions>;
  /** Of the simulators; the machine's when absent. */
  readonly clock?: Clock | undefined;
  /** Environment variables of the system, over those that make it fast. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface StartOptions extends Fragility {
  readonly settings?: Readonly<Record<string, string>>;
}

const opened = new Set<World>();

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const simulators = await startSimulators({
    clock: options.clock ?? systemClock,
    telegram: {
      botToken: credentials.BOT_TOKEN,
      chatId: credentials.CHAT_ID,
      linkCallsPerSecond: 'unlimited',
      retryScale: 0.01,
      ...options.telegram,
    },
    webengage: {
      licenseCode: credentials.LICENSE_CODE,
      apiKey: credentials.WEBENGAGE_API_KEY,
      eventsPerMinute: 'unlimited',
      ...options.webengage,
    },
  });
  const world = new World(
    simulators,
    await freePort(),
    mkdtempSync(join(tmpdir(), 'paid-community-e2e-')),
    options.settings ?? {},
  );
  opened.add(world);
  return world;
}

/** For `afterEach`: ends what the test has started, removes its files, and looks for secrets in what was printed. */
export async function closeWorlds(): Promise<void> {
  const worlds = [...opened];
  opened.clear();
  await Promise.all(worlds.map((world) => world.close()));
}

/**
 * Telegram and WebEngage in this process, and a system that can be killed and started again on the same data and port.
 */
export class World {
  readonly url: string;
  readonly dataDir: string;
  readonly #simulators: Simulators;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #port: number;
  /** Of the bots besides the first one, as they were when this world was opened. */
  readonly #furtherTokens: string;
  readonly #processes: SystemProcess[] = [];
  #inProcess: LocalSystem | undefined;
  #printed = '';

  constructor(simulators: Simulators, port: number, dataDir: string, settings: Readonly<Record<string, string>>) {
    this.#simulators = simulators;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.dataDir = dataDir;
    this.#settings = settings;
    this.#furtherTokens = simulators.telegram.bots
      .slice(1)
      .map(({ token }) => token)
      .join(',');
  }

  get telegram(): TelegramSimulator {
    return this.#simulators.telegram;
  }

  get webengage(): WebEngageSimulator {
    return this.#simulators.webengage;
  }

  /** The newest one. */
  get process(): SystemProcess {
    const process = this.#processes.at(-1);
    if (process === undefined) throw new Error('No process has been started');
    return process;
  }

  /** Every word that the systems of this world have printed. */
  get printed(): string {
    return this.#printed + this.#processes.map(({ stdout, stderr }) => stdout + stderr).join('');
  }

  /** The environment variables of the system. */
  settings(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      TELEGRAM_BOT_TOKEN: credentials.BOT_TOKEN,
      TELEGRAM_BOT_TOKENS: this.#furtherTokens,
      TELEGRAM_CHAT_ID: String(credentials.CHAT_ID),
      TELEGRAM_API_ROOT: this.telegram.url,
      TELEGRAM_WEBHOOK_SECRET: credentials.WEBHOOK_SECRET,
      BASE_URL: this.url,
      WEBENGAGE_LICENSE_CODE: credentials.LICENSE_CODE,
      WEBENGAGE_API_KEY: credentials.WEBENGAGE_API_KEY,
      WEBENGAGE_API_ROOT: this.webengage.url,
      INTAKE_API_KEYS: `${credentials.API_KEY},${credentials.NEXT_API_KEY}`,
      OPERATOR_API_KEYS: `ada:${credentials.OPERATOR_KEY},ben:${credentials.NEXT_OPERATOR_KEY}`,
      DATA_DIR: this.dataDir,
      PORT: String(this.#port),
      LOG_LEVEL: 'debug',
      ...FAST,
      ...this.#settings,
      ...more,
    };
  }

  /** A process that is not waited for. */
  spawn({ settings = {}, ...fragility }: StartOptions = {}): SystemProcess {
    const environment = this.settings(settings);
    const isFragile = Object.keys(fragility).length > 0;
    const process = isFragile
      ? new SystemProcess('infra/tests/e2e/harness/fragile-system.ts', environment, [JSON.stringify(fragility)])
      : new SystemProcess('infra/run/local/main.ts', environment);
    this.#processes.push(process);
    return process;
  }

  /** A process of another program, which has a channel to this one. */
  spawnProgram(file: string, parameters: readonly string[], hears: (message: unknown) => void): SystemProcess {
    const process = new SystemProcess(file, this.settings(), parameters, hears);
    this.#processes.push(process);
    return process;
  }

  /** A process that is ready, its webhook registered. */
  async start(options: StartOptions = {}): Promise<SystemProcess> {
    const registrations = this.telegram.calls.of('setWebhook');
    const process = this.spawn(options);
    await process.ready(this.url);
    if (this.settings(options.settings)['TELEGRAM_UPDATES'] !== 'polling') {
      await eventually(() => !process.isRunning || this.telegram.calls.of('setWebhook') > registrations);
    }
    return process;
  }

  /**
   * The same system inside this process, so that a test can get at its ports, and at its clock; `decorate` goes around
   * the ports.
   */
  async startInProcess(
    decorate: (backend: Backend) => Backend = (backend) => backend,
    clock?: Clock,
  ): Promise<Backend> {
    const config = readLocalSettings(this.settings());
    const log = createLogger({ level: 'debug', secrets: config.secrets, write: (line) => (this.#printed += line) });
    let backend: Backend | undefined;
    this.#inProcess = await startLocal(config, log, {
      decorateBackend: (inner) => decorate((backend = inner)),
      ...(clock === undefined ? {} : { clock }),
    });
    if (backend === undefined) throw new Error('The system was started without a backend');
    return backend;
  }

  /** Ends every process and whatever else is open. @throws when something secret was printed. */
  async close(): Promise<void> {
    try {
      await Promise.all(this.#processes.filter(({ isRunning }) => isRunning).map((process) => process.kill()));
      await this.#inProcess?.stop();
    } finally {
      await this.#simulators.close();
      rmSync(this.dataDir, { recursive: true, force: true });
    }
    credentials.assertNothingSecretIn(this.printed);
  }
}
