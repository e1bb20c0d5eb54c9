import { cp, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

type IsIgnored = (path: string) => boolean;

/**
 * The rules of a .dockerignore: the last pattern that matches a path, or a folder above it, decides
 * (https://docs.docker.com/build/concepts/context/#dockerignore-files).
 */
export function readIgnoreRules(text: string): IsIgnored {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) =>
      line.startsWith('!')
        ? { isIgnored: false, pattern: toPattern(line.slice(1)) }
        : { isIgnored: true, pattern: toPattern(line) },
    );
  return (path) =>
    rules.findLast(({ pattern }) => withParents(path).some((each) => pattern.test(each)))?.isIgnored ?? false;
}

/** What `docker build` hands to the builder of a folder. */
export class BuildContext {
  readonly #root: string;
  /** Paths of files, by the folder that holds them. */
  readonly #files: readonly string[];

  private constructor(root: string, files: readonly string[]) {
    this.#root = root;
    this.#files = files;
  }

  static async read(root: string): Promise<BuildContext> {
    const isIgnored = readIgnoreRules(await readFile(join(root, '.dockerignore'), 'utf8'));
    return new BuildContext(root, await filesOf(root, '', isIgnored));
  }

  get files(): readonly string[] {
    return this.#files;
  }

  /** COPY: of a folder its content, of a file the file itself. @throws when the context lacks the source. */
  async copy(source: string, target: string, targetIsFolder: boolean): Promise<void> {
    const prefix = source === '.' ? '' : `${source}/`;
    const inside = this.#files.filter((file) => file.startsWith(prefix));
    if (this.#files.includes(source))
      await cp(join(this.#root, source), targetIsFolder ? join(target, basename(source)) : target);
    else if (inside.length === 0) throw new Error(`COPY ${source}: .dockerignore lets no such file or folder through`);
    else for (const file of inside) await cp(join(this.#root, file), join(target, file.slice(prefix.length)));
  }
}

async function filesOf(root: string, folder: string, isIgnored: IsIgnored): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(join(root, folder))) {
    const path = join(folder, name);
    // Not followed by Docker either, and not to be walked: they are large, and ignored at any depth.
    if (name === 'node_modules' || name === '.git') continue;
    if ((await stat(join(root, path))).isDirectory()) found.push(...(await filesOf(root, path, isIgnored)));
    else if (!isIgnored(path)) found.push(path);
  }
  return found;
}

/** A star is for names that begin with a dot as well: it is how .env stays out. */
function toPattern(glob: string): RegExp {
  const any = '[^/]*';
  const folders = '(?:.*/)?';
  const text = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*\*\/|\*/g, (star) => (star === '*' ? any : folders));
  return new RegExp(`^${text}$`);
}

function withParents(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === '.' ? [path] : [path, ...withParents(parent)];
}
