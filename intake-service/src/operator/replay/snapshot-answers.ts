import type { BusSnapshot } from '@paid-community/shared/platform/ports/bus-administration.ts';
import { Type, type Static } from 'typebox';

export const SnapshotAnswer = Type.Object({ name: Type.String(), topic: Type.String(), expiresAt: Type.String() });

export function describeSnapshot({ name, topic, expiresAt }: BusSnapshot): Static<typeof SnapshotAnswer> {
  return { name, topic, expiresAt: expiresAt.toISOString() };
}
