#!/usr/bin/env node
// Stands in for the gcloud command line in tests, on the state in the file that FAKE_CLOUD_STATE names.
import { argv, exit, stderr, stdout } from 'node:process';
import {
  deploy,
  describeRevision,
  describeService,
  listTags,
  Refusal,
  updateTraffic,
  type CloudState,
} from './cloud-run-stand-in.ts';
import { changeState } from './state-file.ts';

const args = argv.slice(2).filter((arg) => !/^--(quiet|project=.*|region=.*|format=json)$/.test(arg));
const [group = '', ...words] = args;
const named = (count: number): string => words[count] ?? '';

await changeState((cloud) => {
  cloud.calls.push(['gcloud', ...args].join(' '));
  try {
    run(cloud);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    stderr.write(`ERROR: (gcloud.${args.slice(0, 2).join('.')}) ${error.message}\n`);
    process.exitCode = 1;
  }
});

function run(cloud: CloudState): void {
  switch (
    `${group} ${words
      .filter((word) => !word.startsWith('-'))
      .slice(0, group === 'artifacts' ? 3 : 2)
      .join(' ')}`
  ) {
    case 'run services describe': {
      print(describeService(named(2), cloud));
      return;
    }
    case 'run revisions describe': {
      print(describeRevision(named(2), cloud));
      return;
    }
    case 'run services update-traffic': {
      updateTraffic(named(2), args, cloud);
      return;
    }
    case 'artifacts docker tags list': {
      print(listTags(named(3), cloud));
      return;
    }
    case 'artifacts docker tags add':
      cloud.images[named(4)] = named(3).slice(named(3).indexOf('@') + 1);
      return;
    case 'artifacts docker images describe':
      // It always asks Service Usage whether images are scanned, and nobody catches a refusal
      // (docker_util.DescribeDockerImage, enable_api.IsServiceEnabled); a deployer has no role for that.
      throw new Refusal(
        '[deployer@project.iam.gserviceaccount.com] does not have permission to access projects instance [project] (or it may not exist): Permission denied to get service [containeranalysis.googleapis.com]',
      );
    case 'auth configure-docker':
    case `auth configure-docker ${named(1)}`:
      return;
    default:
      if (group === 'run' && named(0) === 'deploy') {
        deploy(named(1), args, cloud);
        return;
      }
      if (group === 'logging') {
        print(cloud.log[/revision_name="([^"]+)"/.exec(named(1))?.[1] ?? ''] ?? []);
        return;
      }
      stderr.write(`ERROR: (gcloud) Invalid choice: '${args.join(' ')}'.\n`);
      exit(2);
  }
}

function print(value: object): void {
  stdout.write(JSON.stringify(value));
}
