// google.protobuf.Timestamp, as the generated clients take and give it.

export function toTimestamp(time: Date): { seconds: number; nanos: number } {
  const seconds = Math.floor(time.getTime() / 1_000);
  return { seconds, nanos: (time.getTime() - seconds * 1_000) * 1_000_000 };
}

/** To the millisecond below. */
export function fromTimestamp(
  time: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined,
): Date {
  return new Date(Number(time?.seconds ?? 0) * 1_000 + Math.floor((time?.nanos ?? 0) / 1e6));
}
