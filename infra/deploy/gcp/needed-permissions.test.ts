import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SERVICES } from '@paid-community/shared/topology.ts';
import { CUSTOM_ROLES } from './custom-roles.ts';
import {
  CLIENT_CALLS,
  DELIVERY_COMMANDS,
  GOOGLES_CALLS,
  LOCAL_METHODS,
  OF_STARTING,
  READER_COMMANDS,
  ROLE_PERMISSIONS,
  type Need,
  type NeedyCall,
} from './needed-permissions.ts';
import { permissions, type Grantee, type Permission } from './permissions.ts';
import { clientCallsIn, commandsIn } from './testing/calls-in-source.ts';
import { stackConfig } from './testing/stack-configs.ts';

const ROOT = join(import.meta.dirname, '../../..');
const BACKEND = join(ROOT, 'shared/src/platform/backends/gcp');
const table = permissions(stackConfig().values);

function sourcesIn(folder: string): readonly (readonly [string, string])[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/test/.test(file))
    .map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const);
}

const held = ({ role }: Permission): readonly string[] =>
  role in CUSTOM_ROLES
    ? CUSTOM_ROLES[role as keyof typeof CUSTOM_ROLES].permissions
    : (ROLE_PERMISSIONS[role as `roles/${string}`] ?? []);
const gives = (line: Permission, { permission, on }: Need): boolean =>
  line.on.kind === on && held(line).includes(permission);

/** What each identity calls, in its own name or through Google. */
function callsOf(who: Grantee): readonly NeedyCall[] {
  if (SERVICES.some((service) => service === who)) {
    const source = sourcesIn(join(ROOT, who, 'src'))
      .map(([, text]) => text)
      .join('\n');
    return [...CLIENT_CALLS.filter(({ madeBy }) => madeBy === 'all' || madeBy?.test(source) === true), OF_STARTING];
  }
  const byGoogle =
    Object.entries(GOOGLES_CALLS).find(
      ([name]) => who === name || (who.startsWith(`${name} `) && name !== 'deployer'),
    )?.[1] ?? [];
  if (who === 'deployer') return [...DELIVERY_COMMANDS, ...byGoogle];
  // Of what it asks, that which is about our images; the rest it asks of its own project.
  const ofImages = DELIVERY_COMMANDS.filter(({ call }) => READER_COMMANDS.includes(call)).map((call) => ({
    ...call,
    needs: call.needs.filter(({ on }) => on === 'images'),
  }));
  return who.startsWith('deployer of ') ? ofImages : byGoogle;
}

const identities = [...new Set(table.map(({ who }) => who))];

describe('the calls in the source', () => {
  const sources = sourcesIn(BACKEND);
  const found = sources.flatMap(([file, text]) =>
    [...clientCallsIn(text)].filter((method) => !LOCAL_METHODS.includes(method)).map((call) => `${file} ${call}`),
  );

  test('of the clients of Google Cloud are exactly those of the table: one that is added needs a row that says which permission it takes', () => {
    expect(found.sort()).toEqual(CLIENT_CALLS.map(({ file, call }) => `${String(file)} ${call}`).sort());
  });

  test('are all made through LazyClient.call, where they are looked for; what makes topics for the emulators is never run on Google Cloud', () => {
    const withClients = sources
      .filter(([, text]) => /@google-cloud\/|GoogleAuth\(/.test(text.replaceAll(/^import type .*$/gm, '')))
      .map(([file]) => file);
    const known = [...CLIENT_CALLS.map(({ file }) => file), 'create-pubsub-topology.ts'];
    expect(withClients.filter((file) => !known.includes(file))).toEqual([]);
    for (const service of SERVICES)
      expect(
        sourcesIn(join(ROOT, service, 'src')).filter(([, text]) => /@google-cloud\/|create-pubsub-topology/.test(text)),
      ).toEqual([]);
  });

  test('of gcloud and docker, in deploys, are exactly those of the table', () => {
    const tools = ['gcloud', 'docker'];
    const inCode = sourcesIn(join(ROOT, 'infra/deploy/delivery'))
      .filter(([file]) => !file.startsWith('testing/'))
      .flatMap(([, text]) => [...commandsIn(text, tools)]);
    const inWorkflows = ['cloudbuild.yaml', '.github/workflows/deploy-environment.yml'].flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^\s*(?:- run: |run: )?(gcloud(?: [a-z][a-z-]*)+)/gm)].map(
        ([, command = '']) => command,
      ),
    );
    expect([...new Set([...inCode, ...inWorkflows])].sort()).toEqual(DELIVERY_COMMANDS.map(({ call }) => call).sort());
  });

  test('are found where one is hidden in a chain, behind a name or in a destructured client, and what was waited for is no client', () => {
    const source = `
      this.#client.call('x', async ({ writer, firestore }) => {
        const query = firestore.collection('a').where('b', '==', 1);
        const [{ receivedMessages }] = await writer.pull({});
        receivedMessages.map((message) => message.data);
        return reference(firestore, 'a').listen(query.stream());
      });
      other.map((client) => client.notOurs());`;
    expect([...clientCallsIn(source)].sort()).toEqual(['collection', 'listen', 'pull', 'stream', 'where']);
    expect([
      ...commandsIn(
        "await gcloud('run', 'jobs', 'delete', name, '--quiet'); run('gcloud', ['projects', 'list', '--format=json']); run('gcloud', [...args]);",
        ['gcloud'],
      ),
    ]).toEqual(['gcloud run jobs delete', 'gcloud projects list']);
  });
});

describe.each(identities)('%s', (who) => {
  const lines = table.filter((line) => line.who === who);

  test('may make each call that it makes', () => {
    const calls = callsOf(who);
    expect(calls.length).toBeGreaterThan(0);
    const refused = calls.flatMap(({ call, needs }) =>
      needs
        .filter((need) => !lines.some((line) => gives(line, need)))
        .map(({ permission, on }) => `${call}: ${permission} on the ${on}`),
    );
    expect(refused).toEqual([]);
  });

  test('has no role that none of its calls needs', () => {
    const needs = callsOf(who).flatMap((call) => call.needs);
    expect(lines.filter((line) => !needs.some((need) => gives(line, need)))).toEqual([]);
  });
});

test('nothing is said of a role that no call needs, and no role of the table is unknown', () => {
  const needed = new Set(
    [...CLIENT_CALLS, ...DELIVERY_COMMANDS, ...Object.values(GOOGLES_CALLS).flat(), OF_STARTING].flatMap(({ needs }) =>
      needs.map(({ permission }) => permission),
    ),
  );
  for (const [role, permissions] of [
    ...Object.entries(ROLE_PERMISSIONS),
    ...Object.entries(CUSTOM_ROLES).map(([id, custom]) => [id, custom.permissions] as const),
  ]) {
    expect([role, permissions.filter((permission) => !needed.has(permission))]).toEqual([role, []]);
  }
  for (const { role } of table) expect([role, role in ROLE_PERMISSIONS || role in CUSTOM_ROLES]).toEqual([role, true]);
});
