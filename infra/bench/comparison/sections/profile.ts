import { Child } from '../../processes/child.ts';
import { API_KEY, MeasuredSystem } from '../../processes/measured-system.ts';
import type { LoadJob } from '../../load/job.ts';
import { bySize, type Context } from '../context.ts';
import { profileShares } from '../results/profile-groups.ts';
import type { Profile, SectionId } from '../results/result.ts';
import { Rig } from '../rig.ts';
import { profileJoinTracker } from './webhook.ts';

const CONNECTIONS = 64;

/** Where the time of our process goes, in runs of their own: a profiler slows down what it looks at. */
export const profiles: Partial<Record<SectionId, (context: Context) => Promise<Profile>>> = {
  intake: async (context) => {
    const profileFolder = context.workspace.folder();
    const dataDir = context.workspace.folder();
    const maxDurationMs = bySize(context.size, { quick: 300, default: 2_000, full: 5_000 });
    const system = await MeasuredSystem.start(
      { dataDir, environment: { TASKS_MAX_DISPATCHES_PER_SECOND: '0.01' }, profileFolder },
      context.workspace,
    );
    await context.workspace.using(new Child('../load/generator-process.ts'), (generator) =>
      generator.ask({
        port: system.port,
        apiKey: API_KEY,
        name: 'run',
        load: { kind: 'closed', connections: CONNECTIONS, maxDurationMs },
      } satisfies LoadJob),
    );
    await system.stop();
    context.workspace.removeFolder(dataDir);
    return {
      of: 'the whole system under the same load',
      meaning:
        'The bare server spends its time on sockets, streams and SQLite alone. What lies between it and us is the HTTP libraries, key, limits, validation, event and metrics of each request, and the garbage of all that (decision 35). In the whole system link-worker records purchases on the same event loop; it is held back while they come in.',
      shares: profileShares(profileFolder),
    };
  },
  jobs: async (context) => {
    const profileFolder = context.workspace.folder();
    const count = bySize(context.size, { quick: 200, default: 10_000, full: 20_000 });
    await Rig.using('ours', { concurrency: 100, handler: 'links' }, { ...context, profileFolder }, async (rig) => {
      await rig.ask({ kind: 'work' });
      await rig.ask({ kind: 'burst', name: 'run', count, atOnce: CONNECTIONS });
      await rig.auditAfterKill([]);
    });
    return {
      of: 'our side of a burst',
      meaning:
        'The call to Telegram costs every side the same. What is ours is SQLite: seven writes for each purchase (two events, request, task, link, and the ends of delivery and task), on the thread that also makes the calls; the peers hand theirs to a server, which has the other processor. None of them keeps a document that can be looked up, or an event that can be replayed.',
      shares: profileShares(profileFolder),
    };
  },
  webhook: async (context) => {
    const profileFolder = context.workspace.folder();
    await profileJoinTracker(context, profileFolder);
    return {
      of: 'join-tracker under the same load',
      meaning:
        'The bare server spends its time on sockets, streams and JSON alone. The HTTP libraries by themselves (“Koa, parses only”) leave little for the rest: secret, trace, limits, metrics and validation of each update, and the joins. These are only 4 of 100 updates, but each is looked up and then written in two transactions, the join and the event, each with a sync before the next step; the bare server writes nothing.',
      shares: profileShares(profileFolder),
    };
  },
};
