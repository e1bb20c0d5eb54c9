import type { Finding, RecordedFinding } from '../model/operations/health-report.ts';

/** The new findings, each with the time since when it is so. */
export function recordFindings(
  before: readonly RecordedFinding[],
  found: readonly Finding[],
  at: string,
): readonly RecordedFinding[] {
  return found.map((finding) => {
    const known = before.find(({ check }) => check === finding.check);
    const lastKnown = finding.state === 'unknown' ? known?.lastKnown : finding.state;
    return {
      ...finding,
      since: known?.state === finding.state ? known.since : at,
      ...(lastKnown === undefined ? {} : { lastKnown }),
    };
  });
}

export interface Changes {
  readonly failing: readonly Finding[];
  readonly warning: readonly Finding[];
  readonly mended: readonly Finding[];
}

/**
 * What turned bad or good. Unknown in between changes nothing: bad before and bad after it is no news. What was never
 * seen counts as good before.
 */
export function changesBetween(before: readonly RecordedFinding[], after: readonly RecordedFinding[]): Changes {
  const turned = after.filter(
    (finding) =>
      finding.state !== 'unknown' &&
      finding.state !== (before.find(({ check }) => check === finding.check)?.lastKnown ?? 'ok'),
  );
  const to = (state: Finding['state']): Finding[] =>
    turned
      .filter((finding) => finding.state === state)
      .map(({ check, meaning, advice }) => ({ check, state, meaning, ...(advice === undefined ? {} : { advice }) }));
  return { failing: to('failing'), warning: to('warning'), mended: to('ok') };
}
