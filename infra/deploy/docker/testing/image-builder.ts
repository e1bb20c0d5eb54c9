import { access, cp, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readLockFile, ROOT } from '../assemble-service.ts';
import { BuildContext } from './build-context.ts';
import { ConfinedProcess, type Mount } from './confined-process.ts';
import { readStages, type Step } from './dockerfile-stages.ts';
import { makePlainBase } from './plain-base.ts';

/** What the base image sets (https://github.com/nodejs/docker-node: it inherits Debian's PATH). */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The one command that wants a network: what it would install is there already. */
const INSTALL = 'npm ci --omit=dev --ignore-scripts';

export interface BuiltImage {
  /** The root folder. Beside what the image has on top of its base, it holds the places of the mounts. */
  readonly root: string;
  readonly mounts: readonly Mount[];
  readonly environment: Readonly<Record<string, string>>;
  readonly user: { readonly uid: number; readonly gid: number };
  readonly workingDirectory: string;
  readonly command: readonly string[];
  readonly port: number | undefined;
}

/**
 * Follows a Dockerfile step by step, without an engine: a stage is a folder, and its commands run with that folder as
 * their root.
 */
export class ImageBuilder {
  readonly #folder: string;
  readonly #context: BuildContext;
  #built = 0;

  private constructor(folder: string, context: BuildContext) {
    this.#folder = folder;
    this.#context = context;
  }

  /** `folder` takes all that is made. */
  static async open(folder: string): Promise<ImageBuilder> {
    await makePlainBase(join(folder, 'base'));
    await installProduction(join(folder, 'packages'));
    return new ImageBuilder(folder, await BuildContext.read(ROOT));
  }

  /**
   * `docker build --build-arg …` @throws at the first step that fails, with what it printed, and for one that this does
   * not know.
   */
  async build(dockerfile: string, buildArguments: Readonly<Record<string, string>>): Promise<BuiltImage> {
    const stages = new Map<string, StageInWork>();
    let last: StageInWork | undefined;
    for (const { name, from, steps } of readStages(dockerfile)) {
      const base = stages.get(from);
      const root = join(this.#folder, `stage-${(this.#built += 1)}`);
      await mkdir(root);
      if (base === undefined) last = this.#onPlainBase(root);
      else {
        await cp(base.root, root, { recursive: true });
        last = { ...base, root, allowedArguments: new Set() };
      }
      for (const step of steps) last = await this.#follow(step, last, stages, buildArguments);
      if (name !== undefined) stages.set(name, last);
    }
    if (last === undefined) throw new Error('The Dockerfile has no stage');
    return last;
  }

  #onPlainBase(root: string): StageInWork {
    const mounts = ['usr', 'lib', 'lib64'].map((name) => ({
      source: join(this.#folder, 'base', name),
      target: `/${name}`,
    }));
    return {
      root,
      mounts,
      environment: { PATH },
      user: { uid: 0, gid: 0 },
      workingDirectory: '/',
      command: [],
      port: undefined,
      allowedArguments: new Set(),
    };
  }

  async #follow(
    step: Step,
    stage: StageInWork,
    stages: ReadonlyMap<string, StageInWork>,
    buildArguments: Readonly<Record<string, string>>,
  ): Promise<StageInWork> {
    const fill = (text: string): string =>
      text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
        const value = stage.allowedArguments.has(name) ? buildArguments[name] : undefined;
        if (value === undefined)
          throw new Error(`${step.keyword} ${step.text}: no ARG ${name} before it in this stage`);
        return value;
      });
    const words = step.words.map(fill);
    switch (step.keyword) {
      case 'ARG':
        return { ...stage, allowedArguments: new Set([...stage.allowedArguments, ...words]) };
      case 'ENV':
        return {
          ...stage,
          environment: {
            ...stage.environment,
            ...Object.fromEntries(
              words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
            ),
          },
        };
      case 'WORKDIR': {
        const workingDirectory = resolve(stage.workingDirectory, words[0] ?? '');
        await mkdir(join(stage.root, workingDirectory), { recursive: true });
        return { ...stage, workingDirectory };
      }
      case 'USER': {
        const [uid, gid] = (words[0] ?? '').split(':').map(Number);
        if (uid === undefined || gid === undefined) throw new Error(`USER ${step.text}: user and group as numbers`);
        return { ...stage, user: { uid, gid } };
      }
      case 'COPY':
        return this.#copy(step, words, stage, stages);
      case 'RUN':
        return this.#run(
          words.map((word) => word.replace(/^"(.*)"$/, '$1')),
          stage,
        );
      case 'CMD':
        return { ...stage, command: JSON.parse(step.text) as string[] };
      case 'EXPOSE':
        return { ...stage, port: Number(words[0]) };
      case 'STOPSIGNAL':
        if (words[0] !== 'SIGTERM') throw new Error('Cloud Run always sends SIGTERM');
        return stage;
      default:
        throw new Error(`${step.keyword} is not known here`);
    }
  }

  async #copy(
    step: Step,
    words: readonly string[],
    stage: StageInWork,
    stages: ReadonlyMap<string, StageInWork>,
  ): Promise<StageInWork> {
    const sources = words.slice(0, -1);
    const destination = words.at(-1) ?? '';
    const target = join(stage.root, resolve(stage.workingDirectory, destination));
    const { from } = step.flags;
    if (from === undefined) {
      for (const source of sources)
        await this.#context.copy(source, target, destination.endsWith('/') || destination === '.');
      return stage;
    }
    const other = stages.get(from);
    if (other === undefined) throw new Error(`COPY --from=${from}: there is no such stage before`);
    for (const source of sources)
      await cp(join(other.root, source), target, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    return stage;
  }

  async #run(command: readonly string[], stage: StageInWork): Promise<StageInWork> {
    if (command.join(' ') === INSTALL) {
      const mounts = WITH_PACKAGES.map((folder) => ({
        source: join(this.#folder, 'packages', folder),
        target: join(stage.workingDirectory, folder),
      }));
      return { ...stage, mounts: [...stage.mounts, ...mounts] };
    }
    // There is no shell here to make something else of it.
    const special = command.find((word) => /[^\w./:=@-]/.test(word));
    if (special !== undefined) throw new Error(`RUN ${command.join(' ')}: ${special} means something to a shell`);
    const running = await ConfinedProcess.start({ ...stage, readOnly: false, command });
    const code = await running.exited;
    if (code !== 0) throw new Error(`RUN ${command.join(' ')} ended with ${code}:\n${running.stdout}${running.stderr}`);
    return stage;
  }
}

interface StageInWork extends BuiltImage {
  /** Those that an ARG of this stage has named. */
  readonly allowedArguments: ReadonlySet<string>;
}

/** Folders of packages that the lock file has. */
const WITH_PACKAGES = ['node_modules', 'shared/node_modules'];

/** What `npm ci --omit=dev` leaves: the packages that are here, without those that only development needs. */
async function installProduction(folder: string): Promise<void> {
  const { packages } = await readLockFile(ROOT);
  for (const [location, entry] of Object.entries(packages)) {
    if (!location.split('/').includes('node_modules') || entry.dev === true || !(await exists(join(ROOT, location))))
      continue;
    if (!WITH_PACKAGES.some((known) => location.startsWith(`${known}/`)))
      throw new Error(`${location} is in none of the folders ${WITH_PACKAGES.join(', ')}`);
    const nested = (path: string): boolean => path.slice(join(ROOT, location).length).includes('/node_modules');
    await cp(join(ROOT, location), join(folder, location), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !nested(path),
    });
  }
}

/** Optional packages of other machines are in the lock file only. */
async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
