import { errorMessage } from '@paid-community/shared/platform/ports/errors.ts';
import { readOptions, usage, type Options, type SectionName } from './options.ts';
import { orExit } from '../ops/command-line/or-exit.ts';
import { describeMachine, isVoid, renderReport, type Report, type Section } from './report.ts';
import { measureBacklog } from './sections/backlog.ts';
import { measureCommunities } from './sections/communities.ts';
import { measureBurst } from './sections/burst.ts';
import type { Context } from './sections/context.ts';
import { diskSection, measureFsyncs } from './sections/disk.ts';
import { measureIntake } from './sections/intake.ts';
import { measureMemberships } from './sections/memberships.ts';
import { measureMemory } from './sections/memory.ts';
import { measurePipeline } from './sections/pipeline.ts';
import { measureReplay } from './sections/replay.ts';
import { measureStart } from './sections/start.ts';
import { measureTelemetry } from './sections/telemetry.ts';
import { measureTurns } from './sections/turns.ts';
import { Workspace } from './workspace.ts';

const measures: readonly (readonly [SectionName, (context: Context) => Promise<Section>])[] = [
  ['intake', measureIntake],
  ['pipeline', measurePipeline],
  ['start', measureStart],
  ['memory', measureMemory],
  ['backlog', measureBacklog],
  ['replay', measureReplay],
  ['telemetry', measureTelemetry],
  ['burst', measureBurst],
  ['communities', measureCommunities],
  ['memberships', measureMemberships],
  ['turns', measureTurns],
];

const options = orExit(() => readOptions(process.argv.slice(2)), usage);
const workspace = new Workspace();
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interruption.abort();
    // What is being measured would go on for minutes.
    void workspace.close().finally(() => process.exit(130));
  });
}
try {
  const report = await measure(options, workspace);
  process.stdout.write(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : renderReport(report));
  // A missed goal may be the machine's fault; a lost purchase is ours.
  process.exitCode = isVoid(report) ? 1 : 0;
} catch (error) {
  // What the end of the children breaks is not worth a word.
  if (!interruption.signal.aborted) process.stderr.write(`${errorMessage(error)}\n`);
  process.exitCode = 1;
} finally {
  await workspace.close();
}

async function measure(
  { sections: wanted, quick, long, profileFolder }: Options,
  workspace: Workspace,
): Promise<Report> {
  const startedAt = Date.now();
  const progress = (text: string): void => {
    process.stderr.write(`[${((Date.now() - startedAt) / 1_000).toFixed(0).padStart(3)} s] ${text}\n`);
  };
  const fsyncsPerSecond = measureFsyncs(workspace.folder(), quick ? 200 : 2_000);
  progress(`disk: ${fsyncsPerSecond.toFixed(0)} fsync/s`);
  const context: Context = { workspace, quick, long, profileFolder, fsyncsPerSecond, progress };
  const sections = [diskSection(fsyncsPerSecond)];
  for (const [name, measureSection] of measures) {
    if (wanted.has(name)) sections.push(await measureSection(context));
  }
  return { machine: describeMachine(), date: new Date(startedAt).toISOString(), quick, sections };
}
