import { hash } from 'node:crypto';
import type { Collection } from '../../platform/ports/topology-types.ts';

/** The code of a connection link that nobody has used yet. A used one is deleted. */
export interface ConnectionCode {
  readonly communityId: string;
  /** The bot that the link adds to a chat. */
  readonly botId: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

const VALID_MS = 3_600_000;

export function connectionCode(of: Pick<ConnectionCode, 'communityId' | 'botId'>, nowMs: number): ConnectionCode {
  return { ...of, createdAt: new Date(nowMs).toISOString(), expiresAt: new Date(nowMs + VALID_MS).toISOString() };
}

/** Whoever reads the store cannot offer a chat. */
export function connectionCodeId(code: string): string {
  return hash('sha256', `connection code ${code}`);
}

/** Id: connectionCodeId(code). */
export const connectionCodes: Collection<ConnectionCode> = {
  name: 'connection_codes',
  owner: 'intake-service',
  operatorWrites: 'operators make connection links',
  keyedBy: 'code',
  personalFields: {},
  onErasure: { keep: 'is about the community, and gone within a day' },
  // Which bots have an open one: messages are asked for only then.
  indexes: [
    { where: [], orderBy: 'createdAt' },
    { where: ['botId'], orderBy: 'createdAt' },
  ],
  ttlField: 'expiresAt',
};
