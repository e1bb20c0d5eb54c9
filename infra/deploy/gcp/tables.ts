import type { Setting } from '@paid-community/shared/platform/config/settings.ts';
import { SERVICES } from '@paid-community/shared/topology.ts';
import { costTable } from './costs.ts';
import { CUSTOM_ROLES } from './custom-roles.ts';
import { accountId } from './identities.ts';
import { membershipCostTable } from './membership-costs.ts';
import { CLIENT_CALLS, DELIVERY_COMMANDS, GOOGLES_CALLS, OF_STARTING } from './needed-permissions.ts';
import { permissions, type Permission, type Target } from './permissions.ts';
import { onePerName, serviceVariables } from './service-variables.ts';
import { stackSettings } from './stack-settings.ts';

// The tables of README.md and of docs/cost.md, made of what the program itself reads. write-tables.ts puts them there; a test holds them
// together.

type Tables = Readonly<Record<string, () => string>>;

const secrets = SERVICES.flatMap((service) =>
  serviceVariables(service).secrets.map((secret) => ({ ...secret, service })),
);

/**
 * Every permission that any stack may have: with each secret, a repository on GitHub and another stack that runs our
 * images.
 */
export function permissionTable(): string {
  const all = permissions({
    secretVersions: Object.fromEntries(secrets.map(({ name }) => [name, '1'])),
    githubRepository: 'owner/name',
    cloudBuild: true,
    imageReaders: { 'another stack': '1' },
  });
  const grouped = Map.groupBy(all, ({ who, role, on, why }) => JSON.stringify([who, role, on.kind, why]));
  const rows = [...grouped.values()].flatMap((lines) => {
    const [first] = lines;
    return first === undefined
      ? []
      : [[nameOf(first.who), roleOf(first.role), lines.map(({ on }) => placeOf(on)).join(', '), first.why]];
  });
  return table(['who', 'role', 'on', 'why'], rows);
}

export function settingsTable(): string {
  const ofServices = Object.entries(onePerName(SERVICES.map((service) => serviceVariables(service).settings)));
  const rows = [
    ...Object.entries<Setting<unknown>>(stackSettings),
    ...ofServices.filter(([name]) => !(name in stackSettings)),
  ].map(([name, setting]) => [
    code(name),
    setting.description,
    'fallback' in setting ? defaultOf(setting.fallback) : '**must be set**',
  ]);
  return table(['setting', 'meaning', 'default'], rows);
}

export function secretsTable(): string {
  const grouped = Map.groupBy(secrets, ({ name }) => name);
  const rows = [...grouped].map(([name, readers]) => [
    code(name),
    readers[0]?.description ?? '',
    readers.map(({ service }) => service).join(', '),
    readers.some(({ required }) => required) ? 'yes' : 'no: read once `secretVersions` names a version of it',
  ]);
  return table(['secret', 'value', 'read by', 'needed'], rows);
}

/** Which permission each call needs, and on what. */
export function callsTable(): string {
  const calls = [...CLIENT_CALLS, OF_STARTING, ...Object.values(GOOGLES_CALLS).flat(), ...DELIVERY_COMMANDS].filter(
    ({ needs }) => needs.length > 0,
  );
  const rows = calls.map(({ call, file, needs }) => {
    const places = Map.groupBy(needs, ({ on }) => on);
    const text = [...places]
      .map(([on, each]) => `on ${PLACES[on]}: ${each.map(({ permission }) => code(permission)).join(', ')}`)
      .join('; ');
    return [file === undefined ? call : `${code(call)} (${file})`, text];
  });
  return table(['call', 'needs'], rows);
}

const PLACES: Readonly<Record<Target['kind'], string>> = {
  topic: 'the topic',
  subscription: 'the subscription',
  queue: 'the queue',
  secret: 'the secret',
  service: 'the service',
  account: 'the account',
  images: 'the image repository',
  project: 'the project',
};

function roleOf(role: Permission['role']): string {
  const own = Object.entries(CUSTOM_ROLES).find(([id]) => id === role)?.[1];
  return own === undefined ? code(role) : `own role ${code(role)}: ${own.permissions.map(code).join(', ')}`;
}

function nameOf(who: Permission['who']): string {
  if (who === 'push' || who === 'tasks' || who === 'deployer') return `account \`${accountId(who)}\``;
  if (who === 'Pub/Sub') return "Pub/Sub's own account";
  return who === 'GitHub' ? 'workflows on GitHub' : who;
}

function placeOf(on: Permission['on']): string {
  switch (on.kind) {
    case 'project':
      return 'the project';
    case 'images':
      return 'the image repository';
    case 'account':
      return `account \`${accountId(on.name)}\``;
    case 'topic':
    case 'subscription':
    case 'queue':
    case 'secret':
    case 'service':
      return `${on.kind} \`${on.name}\``;
  }
}

function defaultOf(fallback: unknown): string {
  if (fallback === undefined) return '';
  const text = typeof fallback === 'string' ? fallback : JSON.stringify(fallback);
  return text === '{}' ? '' : code(text);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Tables of this folder's README.md. */
export const TABLES: Tables = {
  permissions: permissionTable,
  settings: settingsTable,
  secrets: secretsTable,
  calls: callsTable,
};

/** Of docs/cost.md, in the root of the repository. */
export const COST_TABLES: Tables = { costs: costTable, memberships: membershipCostTable };

/**
 * The document with each table between its two marks, `<!-- table: permissions -->` and `<!-- end -->`. @throws when a
 * mark is missing.
 */
export function withTables(document: string, tables: Tables): string {
  return Object.entries(tables).reduce((text, [name, make]) => {
    const place = new RegExp(`(<!-- table: ${name} -->\\n)[^]*?(\\n<!-- end -->)`);
    if (!place.test(text))
      throw new Error(`There is no place for the table ${name}: <!-- table: ${name} --> … <!-- end -->`);
    return text.replace(place, (_all, begin: string, end: string) => `${begin}${make()}${end}`);
  }, document);
}
