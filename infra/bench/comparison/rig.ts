import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../processes/child.ts';
import type { Context } from './context.ts';
import type { PeerServer } from './servers/peer-server.ts';
import { startPostgres } from './servers/postgres.ts';
import { startRedis } from './servers/redis.ts';
import type { SideSettings } from './side/job-side.ts';
import type { Opened, SideQuestion } from './side/question.ts';
import type { TelegramCounts, TelegramQuestion } from './side/fake-telegram.ts';
import { sides, type SideName } from './sides.ts';

/** Folder of a store that needs no server. */
const STORE = 'store';

export type RigSettings = Pick<SideSettings, 'concurrency' | 'handler'>;

/** One side with its store and a Telegram of its own, all of it new and empty. */
export class Rig {
  readonly name: SideName;
  readonly #context: Context;
  readonly #settings: RigSettings;
  readonly #telegram: Child;
  readonly #telegramRoot: string;
  readonly #folder: string;
  readonly server: PeerServer | undefined;
  #side: Child;
  #description = '';

  private constructor(
    name: SideName,
    settings: RigSettings,
    context: Context,
    made: { telegram: Child; telegramRoot: string; folder: string; server: PeerServer | undefined },
  ) {
    this.name = name;
    this.#settings = settings;
    this.#context = context;
    this.#telegram = made.telegram;
    this.#telegramRoot = made.telegramRoot;
    this.#folder = made.folder;
    this.server = made.server;
    this.#side = this.#fork();
  }

  /**
   * Runs `work` with everything started and the side opened; nothing of it is left afterwards, also after an error.
   * `prepare` may put something into our store before.
   */
  static async using<Result>(
    name: SideName,
    settings: RigSettings,
    context: Context,
    work: (rig: Rig) => Promise<Result>,
    prepare?: (storeFolder: string) => Promise<void>,
  ): Promise<Result> {
    const { workspace } = context;
    const folder = workspace.folder();
    await prepare?.(join(folder, STORE));
    const telegram = workspace.track(new Child(new URL('./side/fake-telegram.ts', import.meta.url).href));
    let server: PeerServer | undefined;
    let rig: Rig | undefined;
    try {
      server = await startServer(name, folder, context);
      if (server !== undefined) workspace.track(server);
      const question: TelegramQuestion = 'start';
      rig = new Rig(name, settings, context, {
        telegram,
        telegramRoot: await telegram.ask<string>(question),
        folder,
        server,
      });
      await rig.open();
      return await work(rig);
    } finally {
      if (rig !== undefined) await workspace.stop(rig.#side, 'SIGKILL');
      await workspace.stop(telegram, 'SIGKILL');
      if (server !== undefined) await workspace.stop(server, 'SIGKILL');
      workspace.removeFolder(folder);
    }
  }

  get description(): string {
    return this.#description;
  }

  get pid(): number {
    return this.#side.pid;
  }

  /** Where everything lies that the side has stored. */
  get dataFolder(): string {
    return this.server?.dataFolder ?? this.#storeFolder;
  }

  ask<Result>(question: SideQuestion): Promise<Result> {
    return this.#side.ask<Result>(question);
  }

  askTelegram(question: TelegramQuestion): Promise<TelegramCounts> {
    return this.#telegram.ask<TelegramCounts>(question);
  }

  async open(): Promise<void> {
    const store = this.server?.connection ?? this.#storeFolder;
    const { description } = await this.ask<Opened>({
      kind: 'open',
      settings: { ...this.#settings, store, telegramRoot: this.#telegramRoot },
    });
    this.#description = description;
  }

  /** Ends the process of the side; the store stays. SIGKILL leaves it no time for anything. */
  async end(signal: NodeJS.Signals): Promise<void> {
    await this.#context.workspace.stop(this.#side, signal);
  }

  /** A new process on the same store. */
  async reopen(): Promise<void> {
    this.#side = this.#fork();
    await this.open();
  }

  /** Kills the side and asks a new process how many of the accepted purchases have no link. */
  async auditAfterKill(runs: readonly { readonly name: string; readonly count: number }[]): Promise<string[]> {
    // A profile is written at an orderly end only.
    if (this.#profiling.length > 0) await this.ask({ kind: 'close' });
    await this.end(this.#profiling.length > 0 ? 'SIGTERM' : 'SIGKILL');
    await this.reopen();
    const findings: string[] = [];
    for (const { name, count } of runs) {
      const missing = await this.ask<number>({ kind: 'missing', name, count });
      if (missing > 0) findings.push(`${this.name}: ${missing} of ${count} accepted purchases have no link`);
    }
    return findings;
  }

  get #storeFolder(): string {
    return join(this.#folder, STORE);
  }

  get #profiling(): readonly string[] {
    const { profileFolder } = this.#context;
    return profileFolder === undefined || this.name !== 'ours' ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  }

  #fork(): Child {
    const module = new URL(sides[this.name].module, import.meta.url).href;
    // The same Node, with the same settings, on every side.
    return this.#context.workspace.track(new Child(module, this.#profiling));
  }
}

async function startServer(name: SideName, folder: string, { postgres }: Context): Promise<PeerServer | undefined> {
  const { store } = sides[name];
  if (store === 'folder') return undefined;
  const serverFolder = join(folder, 'server');
  mkdirSync(serverFolder);
  return store === 'postgres' ? startPostgres(postgres, serverFolder) : startRedis(serverFolder);
}
