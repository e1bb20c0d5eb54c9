import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { validate } from 'dockerfile-utils';
import { SERVICES } from '@paid-community/shared/topology.ts';
import type { ServiceName } from '@paid-community/shared/model/services.ts';
import { readLockFile, ROOT } from './assemble-service.ts';
import { readImageSettings } from './image-settings.ts';
import { productionPackages } from './production-packages.ts';
import { readIgnoreRules } from './testing/build-context.ts';

// What costs nothing. npm run test:images builds the images and runs them.

const dockerfile = await readFile(join(import.meta.dirname, 'Dockerfile'), 'utf8');

test('a linter of Dockerfiles finds nothing, and would find a word that is none', () => {
  expect(validate(dockerfile)).toEqual([]);
  expect(validate(dockerfile.replace('STOPSIGNAL', 'STOPSIGN')).map(({ message }) => message)).toEqual([
    expect.stringContaining('STOPSIGN'),
  ]);
});

test('of .dockerignore the last pattern that matches decides, for a folder with all that is in it', () => {
  const isIgnored = readIgnoreRules('# a comment\n*\n!shared\n!infra/deploy/docker\n**/node_modules\n**/*.test.ts\n');
  const ignored = [
    '.env',
    '.env.production',
    '.git/config',
    'infra/ops/main.ts',
    'shared/node_modules/ajv/index.js',
    'shared/src/a.test.ts',
  ];
  const handed = ['shared/package.json', 'shared/src/a.ts', 'infra/deploy/docker/Dockerfile'];
  expect({ ignored: ignored.filter(isIgnored), handed: handed.filter((path) => !isIgnored(path)) }).toEqual({
    ignored,
    handed,
  });
});

test('the image has the Node that the tests run on', async () => {
  const { devDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const { nodeVersion } = await readImageSettings('link-worker', '/app');
  expect({ image: nodeVersion, here: process.versions.node }).toEqual({
    image: devDependencies['node'],
    here: devDependencies['node'],
  });
});

test('only the services that use the Cloud Tasks client and axios hold them', async () => {
  const lock = await readLockFile(ROOT);
  const holders = (name: string): ServiceName[] =>
    SERVICES.filter((service) => productionPackages(lock, service).packages.has(`node_modules/${name}`));
  expect(holders('@google-cloud/tasks')).toEqual(['intake-service', 'link-worker']);
  expect(holders('axios')).toEqual(['link-worker', 'event-emitter']);
  expect(holders('p-retry')).toEqual(['link-worker', 'event-emitter']);
  expect(holders('jest')).toEqual([]);
});
