import { readdirSync, readFileSync } from 'node:fs';
import * as pulumi from '@pulumi/pulumi';
import {
  ConfigError,
  readSettings,
  type Setting,
  type ValuesOf,
} from '@paid-community/shared/platform/config/settings.ts';
import { SERVICES } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { onePerName, serviceVariables } from './service-variables.ts';
import { stackSettings } from './stack-settings.ts';

export interface StackConfig {
  readonly stack: string;
  readonly values: ValuesOf<typeof stackSettings>;
  /** Variables that the stack sets for each service; all others have the default of the service. */
  readonly variables: Readonly<Record<ServiceName, Readonly<Record<string, string>>>>;
}

/** A setting of a service, as the stack has it: its text, when it is one that the service takes. */
type Texts = Readonly<Record<string, Setting<string | undefined>>>;

/**
 * The settings of the selected stack.
 * @throws ConfigError that lists everything that is missing or wrong, under the names that `pulumi config set` takes.
 */
export function readStackConfig(folder = import.meta.dirname): StackConfig {
  const gcp = new pulumi.Config('gcp');
  const own = new pulumi.Config();
  const stack = pulumi.getStack();
  const read = (name: string): string | undefined =>
    name.startsWith('gcp:') ? gcp.get(name.slice('gcp:'.length)) : own.get(name);
  const texts = Object.fromEntries(SERVICES.map((service) => [service, textsOf(service)])) as Record<
    ServiceName,
    Texts
  >;
  const all: Record<string, Setting<unknown>> = {
    ...onePerName(SERVICES.map((service) => texts[service])),
    ...stackSettings,
  };
  const environment = Object.fromEntries(Object.keys(all).map((name) => [name, read(name)]));
  const values = readSettings(environment, all) as ValuesOf<typeof stackSettings> &
    Readonly<Record<string, string | undefined>>;
  requireOwnProject(stack, values['gcp:project'], folder);
  requireKnownSecrets(Object.keys(values.secretVersions));
  requireCountedBots(values);
  const variables = Object.fromEntries(
    SERVICES.map((service) => [
      service,
      Object.fromEntries(
        Object.keys(texts[service]).flatMap((name) => {
          const text = environment[name]?.trim() ?? '';
          return text === '' ? [] : [[name, text] as const];
        }),
      ),
    ]),
  ) as Record<ServiceName, Record<string, string>>;
  return { stack, values, variables };
}

function textsOf(service: ServiceName): Texts {
  return Object.fromEntries(
    Object.entries(serviceVariables(service).settings).map(([name, setting]) => [
      name,
      {
        description: setting.description,
        parse: (text: string) => {
          setting.parse(text);
          return text;
        },
        ...('fallback' in setting ? { fallback: undefined } : {}),
      },
    ]),
  );
}

// Topics, subscriptions and services have the same names in every stack, so that two stacks in one project would be one
// system.
function requireOwnProject(stack: string, project: string, folder: string): void {
  for (const file of readdirSync(folder)) {
    const other = /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1];
    if (other === undefined || other === stack) continue;
    const theirs = /^\s*["']?gcp:project["']?:\s*["']?([a-z0-9-]+)/m.exec(
      readFileSync(`${folder}/${file}`, 'utf8'),
    )?.[1];
    if (theirs === project)
      throw new ConfigError([`gcp:project is that of the stack ${other} too: give each stack a project of its own`]);
  }
}

function requireKnownSecrets(names: readonly string[]): void {
  const known = SERVICES.flatMap((service) => serviceVariables(service).secrets.map(({ name }) => name));
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new ConfigError([
      `secretVersions names ${unknown.join(', ')}, which no service reads; there are: ${[...new Set(known)].join(', ')}`,
    ]);
}

// The program does not read the tokens. Without this, a bot that was added would share the room of the others.
function requireCountedBots({ bots, secretVersions }: Pick<StackConfig['values'], 'bots' | 'secretVersions'>): void {
  const hasFurther = secretVersions['TELEGRAM_BOT_TOKENS'] !== undefined;
  if (hasFurther && bots === 1)
    throw new ConfigError([
      'bots is 1, but secretVersions names TELEGRAM_BOT_TOKENS: set bots to how many there are with that of TELEGRAM_BOT_TOKEN',
    ]);
  if (!hasFurther && bots > 1)
    throw new ConfigError([`bots is ${bots}, but secretVersions names no version of TELEGRAM_BOT_TOKENS`]);
}
