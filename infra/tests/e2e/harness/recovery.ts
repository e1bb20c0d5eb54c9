import { expect } from '@jest/globals';
import { buy } from './buyer.ts';
import { ops, type OpsResult } from './ops.ts';
import { join, linkInMessage, type ExpectedJoin, type World as PromisedWorld } from './promise.ts';
import type { Purchase } from './wire.ts';

/** A system with its surroundings, on either backend. */
export interface RecoverableWorld extends PromisedWorld {
  readonly printed: string;
}

interface Day {
  readonly purchases: readonly Purchase[];
  readonly joins: readonly ExpectedJoin[];
}

/** Purchases that are through, of which the first `joining` have joined. */
export async function aDayOfSales(
  world: RecoverableWorld,
  prefix: string,
  count: number,
  joining: number,
): Promise<Day> {
  const purchases = await Promise.all(
    Array.from({ length: count }, (_, n) =>
      buy(world.url, { userId: `${prefix}-user-${n}`, transactionId: `${prefix}-txn-${n}` }),
    ),
  );
  for (const purchase of purchases) await linkInMessage(world, purchase);
  const joins: ExpectedJoin[] = [];
  for (const purchase of purchases.slice(0, joining)) joins.push(await join(world, purchase));
  return { purchases, joins };
}

/** Calls that reached the outside so far; a replay of what is done must not add to them. */
export function outsideCalls({ telegram, webengage }: RecoverableWorld): {
  readonly links: number;
  readonly revocations: number;
  readonly events: number;
} {
  return {
    links: telegram.calls.of('createChatInviteLink'),
    revocations: telegram.calls.of('revokeChatInviteLink'),
    events: webengage.calls,
  };
}

/** Deliveries of a subscription that its service has acknowledged so far. */
export function acknowledged(world: RecoverableWorld, subscription: string): number {
  return world.printed
    .split('\n')
    .filter((line) => line.includes(`"source":"${subscription}"`) && line.includes('"outcome":"acknowledged"')).length;
}

/** A command that must succeed, with its JSON. */
export async function done<T>(world: RecoverableWorld, ...args: readonly string[]): Promise<T> {
  const result: OpsResult = await ops(world, [...args, '--json']);
  expect(result).toMatchObject({ code: 0 });
  return result.json as T;
}
