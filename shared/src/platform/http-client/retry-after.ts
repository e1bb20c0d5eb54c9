/**
 * What a Retry-After header says in milliseconds from now, at most `maxMs`: seconds, or an HTTP date, which is compared
 * with the answer's own Date where it has one, so that no clock has to be right (RFC 9110, 10.2.3). Undefined when it
 * says nothing that can be read.
 */
export function retryAfterMs(
  header: string | undefined,
  {
    serverTimeMs,
    now,
    maxMs,
  }: { readonly serverTimeMs: number | undefined; readonly now: number; readonly maxMs: number },
): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.min(Number(text) * 1_000, maxMs);
  const dateMs = /^[A-Z][a-z]+,? /.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(dateMs) ? undefined : Math.min(Math.max(0, dateMs - (serverTimeMs ?? now)), maxMs);
}
