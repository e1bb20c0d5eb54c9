/** One entry of `packages` in package-lock.json, as far as it is used here. */
interface LockedPackage {
  readonly version?: string;
  /** For a link: the folder of the workspace that it points to. */
  readonly resolved?: string;
  readonly link?: boolean;
  /** Only development needs it. */
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** The part of package-lock.json (version 3) that says what is installed where. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface ProductionPackages {
  /** Folders of the workspaces: the service's own, and shared. */
  readonly workspaces: readonly string[];
  /** Links to workspaces: place of the link and the folder that it points to. */
  readonly links: readonly { readonly location: string; readonly target: string }[];
  /** Folders of third-party packages, nested ones included, with their versions. */
  readonly packages: ReadonlyMap<string, string>;
}

/**
 * What a production install of one workspace holds, by the lock file: everything that its dependencies lead to, where
 * npm has put it. Optional peers count only where somebody depends on them: that is how a service leaves out what
 * others need.
 * @throws when the lock file lacks a package that something depends on.
 */
export function productionPackages(lock: LockFile, workspace: string): ProductionPackages {
  const workspaces: string[] = [];
  const links: { location: string; target: string }[] = [];
  const packages = new Map<string, string>();
  const seen = new Set<string>();
  const waiting = [workspace];
  for (let location = waiting.pop(); location !== undefined; location = waiting.pop()) {
    if (seen.has(location)) continue;
    seen.add(location);
    const entry = lock.packages[location];
    if (entry === undefined) throw new Error(`package-lock.json has no ${location}`);
    if (entry.link === true && entry.resolved !== undefined) {
      links.push({ location, target: entry.resolved });
      waiting.push(entry.resolved);
      continue;
    }
    if (isThirdParty(location)) packages.set(location, entry.version ?? '');
    else workspaces.push(location);
    waiting.push(...dependenciesOf(lock, location, entry));
  }
  return { workspaces, links, packages };
}

function dependenciesOf(lock: LockFile, location: string, entry: LockedPackage): string[] {
  const optional = Object.keys(entry.optionalDependencies ?? {});
  const peers = Object.keys(entry.peerDependencies ?? {}).filter(
    (name) => entry.peerDependenciesMeta?.[name]?.optional !== true,
  );
  const needed = [...Object.keys(entry.dependencies ?? {}).filter((name) => !optional.includes(name)), ...peers];
  return [
    ...needed.map((name) => {
      const found = resolve(lock, location, name);
      if (found === undefined) throw new Error(`package-lock.json has no ${name} for ${location}`);
      return found;
    }),
    ...optional.map((name) => resolve(lock, location, name)).filter((found) => found !== undefined),
  ];
}

/** Where Node finds `name` from a folder: in its node_modules, or in that of the nearest folder above. */
function resolve(lock: LockFile, from: string, name: string): string | undefined {
  const segments = from.split('/');
  for (let length = segments.length; length >= 0; length -= 1) {
    const candidate = [...segments.slice(0, length), 'node_modules', name].join('/');
    if (candidate in lock.packages) return candidate;
  }
  return undefined;
}

function isThirdParty(location: string): boolean {
  return location.split('/').includes('node_modules');
}
