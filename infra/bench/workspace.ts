import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Stoppable {
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Everything that a run leaves behind while it is under way: one temporary folder and the child processes. */
export class Workspace {
  readonly #root = mkdtempSync(join(tmpdir(), 'paid-community-bench-'));
  readonly #children = new Set<Stoppable>();
  #folders = 0;

  constructor() {
    // PostgreSQL runs as a user of its own when we are root, and has to get through to its folder.
    chmodSync(this.#root, 0o711);
  }

  /** A new folder inside the temporary one. */
  folder(): string {
    this.#folders += 1;
    const folder = join(this.#root, String(this.#folders));
    mkdirSync(folder);
    return folder;
  }

  track<Child extends Stoppable>(child: Child): Child {
    this.#children.add(child);
    return child;
  }

  /** Runs `work` with a child that is gone afterwards, also after an error. */
  async using<Child extends Stoppable, Result>(child: Child, work: (child: Child) => Promise<Result>): Promise<Result> {
    this.track(child);
    try {
      return await work(child);
    } finally {
      await this.stop(child);
    }
  }

  async stop(child: Stoppable, signal?: NodeJS.Signals): Promise<void> {
    await child.stop(signal);
    this.#children.delete(child);
  }

  removeFolder(folder: string): void {
    rmSync(folder, { recursive: true, force: true });
  }

  /** Kills what still runs and removes the temporary folder. */
  async close(): Promise<void> {
    await Promise.all([...this.#children].map((child) => child.stop('SIGKILL')));
    this.removeFolder(this.#root);
  }
}
