import type { KnownCommunities } from '@paid-community/shared/communities/known-communities.ts';
import type { ConnectedCommunity } from '@paid-community/shared/model/communities/community.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import type { Bots } from '../bots/bots.ts';
import { releaseWaiting } from '../links/release-waiting.ts';
import { examineSome } from './examine-some.ts';
import type { RecordStandingDeps } from './record-standing.ts';

export interface LookAtStartDeps extends RecordStandingDeps {
  readonly communities: KnownCommunities;
  readonly bots: Bots;
  readonly taskQueue: TaskQueue;
}

/**
 * Looks at the chats of the communities, so that operators see them described before the first health check is due.
 * Of very many, some wait for that check.
 * @throws RetryableError when store, bus or queue do not answer.
 */
export async function lookAtStart({ communities, bots, ...deps }: LookAtStartDeps): Promise<void> {
  const all = await communities.all();
  const connected = all.filter((each): each is ConnectedCommunity => each.state === 'connected');
  const { restored } = await examineSome(connected, undefined, bots, deps);
  if (restored.length > 0) await releaseWaiting(new Set(restored), deps);
}
