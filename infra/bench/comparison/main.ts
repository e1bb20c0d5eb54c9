import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { orExit } from '../../ops/command-line/or-exit.ts';
import { describeMachine } from '../report.ts';
import { measureFsyncs } from '../sections/disk.ts';
import { Workspace } from '../workspace.ts';
import type { Context } from './context.ts';
import { readOptions, usage, type Options } from './options.ts';
import { differingFiles, keepResults, keptResults, writeReport } from './results/files.ts';
import { resultsMarkdown } from './results/markdown.ts';
import type { Results, SectionId, SectionResult } from './results/result.ts';
import { describeSides } from './sections/describe-sides.ts';
import { measureCrash } from './sections/crash.ts';
import { measureHistory } from './sections/history.ts';
import { measureIntake } from './sections/intake.ts';
import { measureJobs } from './sections/jobs.ts';
import { profiles } from './sections/profile.ts';
import { measureQueued } from './sections/queued.ts';
import { measureRate } from './sections/rate.ts';
import { measureReplay } from './sections/replay.ts';
import { measureWebhook } from './sections/webhook.ts';
import { makePostgresTemplate } from './servers/postgres.ts';
import { INSTALL_COMMAND, missingPrograms } from './servers/programs.ts';

const PEERS = fileURLToPath(new URL('../peers/', import.meta.url));
const FSYNCS_FOR_MS = { quick: 200, default: 2_000, full: 2_000 };

const measures: Readonly<Record<SectionId, (context: Context) => Promise<SectionResult | undefined>>> = {
  intake: measureIntake,
  jobs: measureJobs,
  rate: measureRate,
  webhook: measureWebhook,
  replay: measureReplay,
  crash: measureCrash,
  queued: measureQueued,
  history: measureHistory,
};

const options = orExit(() => readOptions(process.argv.slice(2)), usage);
if (options.mode === 'measure') await measureAndReport(options);
else report(options.mode);

function report(mode: 'render' | 'check'): void {
  const kept = keptResults();
  if (mode === 'check') {
    const differing = differingFiles(kept);
    for (const file of differing)
      process.stderr.write(`${file} is not what results.json makes of it: npm run bench:peers -- --render\n`);
    process.exitCode = differing.length === 0 ? 0 : 1;
  } else if (kept === undefined) {
    process.stderr.write('There is no results.json yet: run npm run bench:peers\n');
    process.exitCode = 1;
  } else {
    writeReport(kept);
  }
}

async function measureAndReport({ sections, size, profileFolder, keep }: Options): Promise<void> {
  const missing = missingPrograms();
  if (missing.length > 0) {
    process.stderr.write(
      `Not installed: ${missing.join(', ')}. Install them with\n  ${INSTALL_COMMAND}\nThe servers that the packages start by themselves are not needed.\n`,
    );
    process.exitCode = 2;
    return;
  }
  const startedAt = Date.now();
  const progress = (text: string): void => {
    process.stderr.write(`[${((Date.now() - startedAt) / 1_000).toFixed(0).padStart(4)} s] ${text}\n`);
  };
  installPeers(progress);
  const workspace = new Workspace();
  // What is being measured would go on for minutes.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void workspace.close().finally(() => process.exit(130)));
  try {
    const fsyncsPerSecond = measureFsyncs(workspace.folder(), FSYNCS_FOR_MS[size]);
    const context: Context = {
      workspace,
      postgres: await makePostgresTemplate(workspace.folder()),
      size,
      profileFolder,
      progress,
    };
    const sides = await describeSides(context);
    const measured: SectionResult[] = [];
    for (const [id, measure] of Object.entries(measures)) {
      if (!sections.has(id as SectionId)) continue;
      const result = await measure(context);
      const profile = await profiles[id as SectionId]?.(context);
      if (result !== undefined) measured.push({ ...result, ...(profile === undefined ? {} : { profile }) });
    }
    const results: Results = {
      date: new Date(startedAt).toISOString(),
      size,
      machine: describeMachine(),
      fsyncsPerSecond,
      sides,
      sections: measured,
    };
    if (keep) {
      keepResults(results);
      writeReport(results);
      progress('written: infra/bench/RESULTS.md, results.json, charts/, and the table of docs/benchmarks.md');
    } else {
      process.stdout.write(resultsMarkdown(results, new Set()));
    }
    process.exitCode = results.sections.some(({ voidBecause }) => voidBecause.length > 0) ? 1 : 0;
  } finally {
    await workspace.close();
  }
}

/** The package of the peers has a lock file of its own; nothing else needs it. */
function installPeers(progress: (text: string) => void): void {
  if (existsSync(`${PEERS}node_modules`)) return;
  progress('installing the peers: npm ci in infra/bench/peers');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: PEERS, stdio: ['ignore', 'ignore', 'inherit'] });
}
