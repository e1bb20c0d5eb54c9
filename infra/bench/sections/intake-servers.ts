import { Child } from '../processes/child.ts';
import { API_KEY, MeasuredSystem } from '../processes/measured-system.ts';
import type { IntakeOnlyJob } from '../processes/intake-only-server.ts';
import type { ReferenceJob } from '../processes/reference-server.ts';
import type { Context } from './context.ts';

/** Three servers that take purchases; all sync to the disk before they answer. */
export type IntakeServer = 'reference' | 'intake-service alone' | 'whole system';

export interface RunningServer {
  readonly port: number;
  readonly pid: number;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export async function startIntakeServer(
  kind: IntakeServer,
  dataDir: string,
  { workspace, profileFolder }: Context,
): Promise<RunningServer> {
  if (kind === 'whole system') {
    // The link queue stands still, so that nothing runs but intake and the recording of requests.
    const environment = { TASKS_MAX_DISPATCHES_PER_SECOND: '0.01' };
    return await MeasuredSystem.start({ dataDir, environment, profileFolder }, workspace);
  }
  const child = workspace.track(new Child(kind === 'reference' ? './reference-server.ts' : './intake-only-server.ts'));
  const job: ReferenceJob & IntakeOnlyJob = { dataDir, apiKey: API_KEY };
  const port = await child.ask<number>(job);
  return { port, pid: child.pid, stop: (signal) => workspace.stop(child, signal) };
}
