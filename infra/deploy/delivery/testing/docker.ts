#!/usr/bin/env node
// Stands in for docker in tests: what is pushed is in the registry, under a digest of its own for each build.
import { createHash } from 'node:crypto';
import { argv, exit, stderr, stdout } from 'node:process';
import { changeState } from './state-file.ts';

const args = argv.slice(2);
await changeState((cloud) => {
  cloud.calls.push(['docker', ...args].join(' '));
  const [command = '', image = ''] = args;
  if (command === 'push') cloud.images[image] = `sha256:${createHash('sha256').update(image).digest('hex')}`;
  else if (command !== 'build') {
    stderr.write(`docker: '${command}' is not a docker command.\n`);
    exit(1);
  }
  stdout.write(`${command} of ${image}\n`);
});
