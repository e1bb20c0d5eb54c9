/** One environment variable: how its text becomes a value, and what a person should know about it. */
export interface Setting<T> {
  /** What the value means, with its unit; shown when it is wrong, and the text of .env.example. */
  readonly description: string;
  /** Throws an Error whose message says what would be right; the message must not quote the text. */
  readonly parse: (text: string) => T;
  /** Value when the variable is absent or empty; without it the variable must be set. */
  readonly fallback?: T;
  /** Other names that are accepted for the same setting. */
  readonly aliases?: readonly string[];
  /** Its values are kept out of every log line; a function says which part of a value is the secret. */
  readonly secret?: true | ((value: string) => string);
  /** A secret that must be in no other setting of this kind, and only once in its own: its holder can do one thing. */
  readonly distinct?: true;
}

/** The setting as it is. Its type of values is that of `parse`, and of `fallback` where that is another. */
export function setting<const T>(definition: Setting<T>): Setting<T> {
  return definition;
}

export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The values, under the names of their variables. */
export type ValuesOf<S extends Settings> = { readonly [Name in keyof S]: S[Name] extends Setting<infer T> ? T : never };

export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything that is wrong with the configuration, in one error. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** @throws ConfigError that lists every variable that is missing or wrong, and what would be right. */
export function readSettings<S extends Settings>(environment: Environment, settings: S): ValuesOf<S> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const [found, other] = [name, ...(setting.aliases ?? [])].filter(
      (candidate) => textOf(environment, candidate) !== undefined,
    );
    const text = found === undefined ? undefined : textOf(environment, found);
    if (found !== undefined && other !== undefined && textOf(environment, other) !== text) {
      problems.push(`${found} and ${other} are two names of one setting, and say different things: remove one`);
      continue;
    }
    if (text === undefined) {
      if ('fallback' in setting) values[name] = setting.fallback;
      else problems.push(`${name} is missing: ${setting.description}`);
      continue;
    }
    try {
      values[name] = setting.parse(text);
    } catch (error) {
      problems.push(
        `${found ?? name} ${error instanceof Error ? error.message : 'is not valid'} (${setting.description})`,
      );
    }
  }
  problems.push(...sharedKeys(environment, settings));
  if (problems.length > 0) throw new ConfigError(problems);
  return values as ValuesOf<S>;
}

/** With a shared key, its holder for one thing could do another, or act under another name. */
function sharedKeys(environment: Environment, settings: Settings): readonly string[] {
  const keys = Object.entries(settings).flatMap(([name, setting]) =>
    setting.distinct === undefined ? [] : secretTexts(environment, { [name]: setting }).map((key) => ({ name, key })),
  );
  const shared = [...Map.groupBy(keys, ({ key }) => key).values()].filter((users) => users.length > 1);
  return [...new Set(shared.map((users) => [...new Set(users.map(({ name }) => name))].join(' and ')))].map((names) =>
    names.includes(' ') ? `${names} have a key in common: give each its own` : `${names} has the same key twice`,
  );
}

/** The texts of all secret settings, for the logger to keep out. */
export function secretTexts(environment: Environment, settings: Settings): readonly string[] {
  return Object.entries(settings)
    .flatMap(([name, { secret, aliases = [] }]) =>
      secret === undefined ? [] : [name, ...aliases].map((known) => ({ name: known, secret })),
    )
    .flatMap(({ name, secret }) =>
      (textOf(environment, name)?.split(',') ?? []).map((text) =>
        secret === true ? text.trim() : secret(text.trim()),
      ),
    );
}

export interface Config<S extends Settings> {
  readonly values: ValuesOf<S>;
  readonly secrets: readonly string[];
}

/** The values with the texts to keep out of logs. @throws ConfigError as readSettings. */
export function readConfig<S extends Settings>(environment: Environment, settings: S): Config<S> {
  return { values: readSettings(environment, settings), secrets: secretTexts(environment, settings) };
}

// An empty line in .env means "not set".
function textOf(environment: Environment, name: string): string | undefined {
  const text = environment[name]?.trim();
  return text === '' ? undefined : text;
}
