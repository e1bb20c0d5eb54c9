#!/usr/bin/env node
// Stands in for the gcloud command line in tests: keeps one service and its revisions in the file that FAKE_GCLOUD_STATE names.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { argv, env, exit, pid, stderr, stdout } from 'node:process';

interface State {
  readonly calls: string[];
  traffic: { revisionName: string; percent: number; latestRevision?: boolean; tag?: string; url?: string }[];
  latestReadyRevisionName: string | undefined;
  readonly commits: Record<string, string>;
  /** What the new revision is like. */
  readonly next: { readonly name: string; readonly starts: boolean; readonly url: string };
  /** Entries of Cloud Run's log by revision. */
  readonly log: Record<string, readonly object[]>;
}

const file = env['FAKE_GCLOUD_STATE'] ?? '';
const state = JSON.parse(readFileSync(file, 'utf8')) as State;
const args = argv.slice(2).filter((arg) => arg !== '--quiet' && !arg.startsWith('--project=') && !arg.startsWith('--region='));
state.calls.push(args.join(' '));

const command = args.slice(0, 3).join(' ');
if (command.startsWith('run services describe')) {
  print({ status: { latestReadyRevisionName: state.latestReadyRevisionName, traffic: state.traffic } });
} else if (command.startsWith('run revisions describe')) {
  const commit = state.commits[args[3] ?? ''];
  print({ metadata: { labels: commit === undefined ? {} : { commit } } });
} else if (command.startsWith('run deploy')) {
  if (!state.next.starts) fail('The user-provided container failed the configured startup probe checks.');
  state.latestReadyRevisionName = state.next.name;
  state.traffic = [...state.traffic.map(({ revisionName, percent }) => ({ revisionName, percent })), { revisionName: state.next.name, percent: 0, tag: 'canary', url: state.next.url }];
} else if (command.startsWith('run services update-traffic')) {
  const split = args.find((arg) => arg.startsWith('--to-revisions='))?.slice('--to-revisions='.length);
  state.traffic =
    split === undefined
      ? [{ revisionName: state.latestReadyRevisionName ?? '', percent: 100, latestRevision: true }]
      : split.split(',').map((share) => ({ revisionName: share.split('=')[0] ?? '', percent: Number(share.split('=')[1]) }));
} else if (command.startsWith('logging read')) {
  const revision = /revision_name="([^"]+)"/.exec(args[2] ?? '')?.[1] ?? '';
  print(state.log[revision] ?? []);
} else {
  fail(`unknown command: ${args.join(' ')}`);
}
save();

function print(value: object): void {
  stdout.write(JSON.stringify(value));
}

function fail(message: string): never {
  save();
  stderr.write(`ERROR: (gcloud) ${message}\n`);
  exit(1);
}

/** Looks run side by side: nobody may read half a file. Of their calls one may be lost from the list; changes come one at a time. */
function save(): void {
  writeFileSync(`${file}.${pid}`, JSON.stringify(state));
  renameSync(`${file}.${pid}`, file);
}
