import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuardedProcess } from '../../../run/emulators/guarded-process.ts';

/** Cloud Run sends SIGKILL 10 s after SIGTERM. */
const STOP_DEADLINE_MS = 10_000;
/** Of those that a container has, the ones that Node opens. */
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'];

/** A folder of the machine at a place in the root folder; read-only. */
export interface Mount {
  readonly source: string;
  readonly target: string;
}

export interface Confinement {
  /** The folder that is / to the process. */
  readonly root: string;
  readonly mounts: readonly Mount[];
  /** False: as while an image is built. True: as it may run, and /tmp is in memory. */
  readonly readOnly: boolean;
  readonly user: { readonly uid: number; readonly gid: number };
  readonly workingDirectory: string;
  readonly command: readonly string[];
  /** All the environment that it gets. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Namespaces of its own for mounts and processes: nothing of it is left when it ends. The program becomes process 1.
 */
const SCRIPT = `
root=$1 mode=$2 uid=$3 gid=$4 folder=$5
shift 5
mount --bind "$root" "$root"
while [ "$1" != -- ]; do mount --bind -o ro "$1" "$root$2"; shift 2; done
shift
if [ "$mode" = ro ]; then mount -o remount,bind,ro "$root"; mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"; fi
mount -t proc proc "$root/proc"
exec unshare --root "$root" --wd "$folder" --setgid "$gid" --setuid "$uid" -- "$@"
`;

/** Why a process cannot be confined here; undefined when it can. */
export function whyNotConfined(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  try {
    execFileSync('unshare', ['--mount', '--pid', '--fork', 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp'], {
      stdio: 'ignore',
    });
    return undefined;
  } catch {
    return 'unshare may not mount';
  }
}

/** A program that sees one folder as the whole file system, as in a container. Its network is ours. */
export class ConfinedProcess {
  readonly #process: GuardedProcess;
  /** Exit code, or the name of the signal that ended it. */
  readonly exited: Promise<number | string>;
  stdout = '';
  stderr = '';

  private constructor(options: Confinement, mounts: readonly Mount[]) {
    const { root, readOnly, user, workingDirectory, command, environment } = options;
    const pairs = mounts.flatMap(({ source, target }) => [source, target]);
    const confined = [
      root,
      readOnly ? 'ro' : 'rw',
      String(user.uid),
      String(user.gid),
      workingDirectory,
      ...pairs,
      '--',
      ...command,
    ];
    this.#process = new GuardedProcess({
      program: 'unshare',
      parameters: ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-euc', SCRIPT, 'confined', ...confined],
      environment,
      onOutput: (text, stream) => void (this[stream] += text),
    });
    this.exited = this.#process.exited.then(({ code, signal }) => code ?? signal ?? 'nothing');
  }

  static async start(options: Confinement): Promise<ConfinedProcess> {
    for (const folder of ['proc', 'tmp', 'dev', ...options.mounts.map(({ target }) => target)])
      await mkdir(join(options.root, folder), { recursive: true });
    const devices = DEVICES.map((name) => ({ source: `/dev/${name}`, target: `/dev/${name}` }));
    for (const { target } of devices) await writeFile(join(options.root, target), '');
    return new ConfinedProcess(options, [...options.mounts, ...devices]);
  }

  get isRunning(): boolean {
    return this.#process.isRunning;
  }

  /** By the machine's own numbers. @throws when it has ended. */
  pid(): number {
    const { pid } = this.#process;
    const child = pid === undefined ? '' : readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    if (child === '') throw new Error('The confined process has ended');
    return Number(child);
  }

  /** A file of /proc about it, such as `status`. */
  async about(file: string): Promise<string> {
    return readFile(`/proc/${this.pid()}/${file}`, 'utf8');
  }

  /** As Cloud Run does: SIGTERM to process 1, and SIGKILL when that takes too long. */
  async stop(): Promise<number | string> {
    const kill = setTimeout(() => void this.#process.kill(), STOP_DEADLINE_MS);
    process.kill(this.pid(), 'SIGTERM');
    try {
      return await this.exited;
    } finally {
      clearTimeout(kill);
    }
  }

  /** Ends it at once, when it has not ended. */
  async kill(): Promise<void> {
    if (this.isRunning) await this.#process.kill();
  }
}
