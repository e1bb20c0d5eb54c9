import { hash, randomUUID } from 'node:crypto';
import { DEFAULT_COMMUNITY } from '../communities/community.ts';

/**
 * The id of a purchase. The same user and transaction, or the same user and idempotency key, always get the same id in
 * a community; with neither, every call is a new purchase. Two plans that were bought in one transaction are two
 * purchases. The default community, and no plan, are left out of the hash: ids of before stay as they are.
 */
export function requestIdOf(purchase: {
  /** Absent = the default one. */
  readonly communityId?: string | undefined;
  readonly planId?: string | undefined;
  readonly userId: string;
  readonly transactionId: string;
  readonly idempotencyKey: string | undefined;
}): string {
  const { communityId = DEFAULT_COMMUNITY, planId, userId, transactionId, idempotencyKey } = purchase;
  const community = communityId === DEFAULT_COMMUNITY ? [] : [communityId];
  // No community has such an id.
  const plan = planId === undefined ? [] : [`plan:${planId}`];
  if (transactionId !== '') return uuidOf(['transaction', userId, transactionId, ...community, ...plan]);
  if (idempotencyKey !== undefined) return uuidOf(['idempotency-key', userId, idempotencyKey, ...community, ...plan]);
  return randomUUID();
}

// As JSON, so that ("a", "bc") and ("ab", "c") differ. UUID version 8 (RFC 9562) is for ids made by a rule of one's
// own.
function uuidOf(parts: readonly string[]): string {
  const hex = hash('sha256', JSON.stringify(parts));
  const variant = ((parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}

export const REQUEST_ID_PATTERN = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
const REQUEST_ID = new RegExp(REQUEST_ID_PATTERN);
const LINK_NAME = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

export function isRequestId(text: string): boolean {
  return REQUEST_ID.test(text);
}

/**
 * The name that the request's link has in Telegram's list of links: the id without its dashes. Telegram cuts names at
 * 32 characters, without a word, and this has exactly 32.
 */
export function toLinkName(requestId: string): string {
  return requestId.replaceAll('-', '');
}

/** The id of the request whose link has this name; undefined when it is the name of no link of ours. */
export function fromLinkName(name: string): string | undefined {
  return LINK_NAME.exec(name)?.slice(1).join('-');
}
