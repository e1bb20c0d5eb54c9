import type { ConnectedCommunity } from '@paid-community/shared/model/communities/community.ts';
import type { Bots } from '../bots/bots.ts';
import { examineCommunity } from './examine-community.ts';
import type { RecordStandingDeps } from './record-standing.ts';
import type { Finding } from '@paid-community/shared/model/operations/health-report.ts';

/** Of getChat, getChatMemberCount, and getChatMember for each bot. A thousand communities have their turn in an hour. */
const MOST_CALLS = 500;
/** A check about one chat may wait behind this one. */
const WITHIN_MS = 5_000;
const AT_ONCE = 5;

export interface ExaminedSome {
  readonly findings: readonly Finding[];
  readonly restored: readonly string[];
  /** After which the next check goes on; undefined: all were looked at. */
  readonly last: string | undefined;
}

/** Looks at a part of all communities, from the one after `after` on. `all`: in the order of their ids. */
export async function examineSome(
  all: readonly ConnectedCommunity[],
  after: string | undefined,
  bots: Bots,
  deps: RecordStandingDeps,
): Promise<ExaminedSome> {
  const begin = all.findIndex(({ communityId }) => communityId > (after ?? ''));
  const inOrder = begin < 0 ? all : [...all.slice(begin), ...all.slice(0, begin)];
  const until = deps.clock.monotonicMs() + WITHIN_MS;
  const findings: Finding[] = [];
  const restored: string[] = [];
  let calls = 0;
  let done = 0;
  while (done < inOrder.length && calls < MOST_CALLS && deps.clock.monotonicMs() < until) {
    const some = inOrder.slice(done, done + AT_ONCE);
    const examined = await Promise.all(some.map((community) => examineCommunity(community, bots, deps)));
    for (const [index, { finding, isRestored }] of examined.entries()) {
      findings.push(finding);
      if (isRestored) restored.push(some[index]?.communityId ?? '');
    }
    calls += some.reduce((sum, { botIds }) => sum + 2 + botIds.length, 0);
    done += some.length;
  }
  return { findings, restored, last: done < inOrder.length ? inOrder[done - 1]?.communityId : undefined };
}
