/** google.protobuf.Timestamp and Duration have the same two fields. */
export interface ProtoTime {
  readonly seconds?: unknown;
  readonly nanos?: number | null;
}

export function toMs({ seconds, nanos }: ProtoTime): number {
  return Number(seconds ?? 0) * 1_000 + (nanos ?? 0) / 1e6;
}

export function toTimestamp(ms: number): { seconds: number; nanos: number } {
  const seconds = Math.floor(ms / 1_000);
  return { seconds, nanos: Math.round((ms - seconds * 1_000) * 1e6) };
}

export const toDuration = toTimestamp;
