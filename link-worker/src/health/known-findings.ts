import { DEFAULT_COMMUNITY, type ConnectedCommunity } from '@paid-community/shared/model/communities/community.ts';
import type { Finding, HealthReport } from '@paid-community/shared/model/operations/health-report.ts';
import { findingOf } from './examine-community.ts';

// A look at one chat, and a look at some of many communities, keep what the report says of everything else.

/** With more communities than that, the report names those that lack something. */
const ALL_NAMED = 50;
/** A report has a largest size. */
const MOST_NAMED = 100;

const ALL_COMMUNITIES = 'communities';

export interface KnownFindings {
  /** Of the default bot and community, and of what goes before it in the report. */
  readonly byDefault: readonly Finding[];
  readonly furtherBots: readonly Finding[];
  readonly communities: readonly Finding[];
}

/** The name of a finding about a further bot. */
export function ofFurtherBot(finding: Finding, botId: string): Finding {
  return { ...finding, check: `${finding.check} ${botId}` };
}

export function knownFindings(known: HealthReport | undefined): KnownFindings {
  const parts = Map.groupBy(known?.findings.map(asFound) ?? [], ({ check }) => partOf(check));
  const { byDefault = [], furtherBots = [], communities = [] } = Object.fromEntries(parts);
  return { byDefault, furtherBots, communities };
}

function partOf(check: string): keyof KnownFindings {
  if (check === findingOf({ communityId: DEFAULT_COMMUNITY })) return 'byDefault';
  if (check === ALL_COMMUNITIES || check.startsWith(findingOf({ communityId: '' }))) return 'communities';
  return check.includes(' ') ? 'furtherBots' : 'byDefault';
}

function asFound({ check, state, meaning, advice }: Finding): Finding {
  return advice === undefined ? { check, state, meaning } : { check, state, meaning, advice };
}

/** What was found now, and what was known of the others, of communities that are connected. */
export function communityFindings(
  found: readonly Finding[],
  known: readonly Finding[],
  connected: readonly ConnectedCommunity[],
): readonly Finding[] {
  const byCheck = new Map([...known, ...found].map((finding) => [finding.check, finding]));
  const all = connected.flatMap((community) => byCheck.get(findingOf(community)) ?? []);
  if (connected.length <= ALL_NAMED) return all;
  const lacking = all.filter(({ state }) => state !== 'ok');
  return [
    {
      check: ALL_COMMUNITIES,
      state: 'ok',
      meaning: `${connected.length} communities are connected besides "default"; of those that were looked at, ${lacking.length} lack something`,
    },
    ...lacking.slice(0, MOST_NAMED),
  ];
}
