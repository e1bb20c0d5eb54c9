import { expect } from '@jest/globals';
import { buyUntilAccepted } from './buyer.ts';
import type { CrashPoint } from './crash-point.ts';
import { expectPromiseKept, join, type Outcome } from './promise.ts';
import { openWorld } from './world.ts';

/**
 * One purchase and one join through a system that kills itself at the given moment, and is started again.
 * The client of intake and Telegram's webhook do what the real ones do: they try again.
 */
export async function surviveCrash(point: CrashPoint): Promise<Outcome> {
  const world = await openWorld();
  const fragile = await world.start({ crashAt: point });
  const restarted = fragile.exited.then(async (exit) => {
    expect(exit).toEqual({ code: null, signal: 'SIGKILL' });
    await world.start();
  });
  const purchase = await buyUntilAccepted(world.url, { userId: 'buyer', transactionId: 'txn' });
  const joined = await join(world, purchase);
  await restarted;
  return expectPromiseKept(world, { purchases: [purchase], joins: [joined] });
}

/** The outcomes that the moment of the crash allows. */
export type Outcomes = readonly Outcome[];

export const clean: Outcomes = [{ orphans: 0, repeats: 0 }];
export const oneOrphan: Outcomes = [{ orphans: 1, repeats: 0 }];
/** WebEngage drops the second by its x-request-id; expectPromiseKept has seen one event. */
export const sentTwice: Outcomes = [{ orphans: 0, repeats: 1 }];
export const sentOnceOrTwice: Outcomes = [...clean, ...sentTwice];
