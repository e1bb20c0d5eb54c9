import { MembershipTick } from '@paid-community/shared/model/memberships/membership-tick.ts';
import { on, type TypedMessageHandler } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import type { MembershipWork } from '../memberships/membership-work.ts';
import { SettingsWalk } from './apply-settings.ts';
import { letRemovalsGo } from './let-removals-go.ts';
import { stepDue } from './step-due.ts';

/** Well within the ack deadline. The next tick goes on. */
const TICK_MS = 45_000;

/**
 * What is due by time. A tick does what is due of memberships, then lets removals go. Nobody is removed before
 * everything that is due is known: the breaker counts all of them. Two ticks at once, or one that comes twice, do nothing
 * twice. When store, bus or queue do not answer, the next tick goes on.
 */
export function tickHandlers(work: MembershipWork): readonly TypedMessageHandler[] {
  const settings = new SettingsWalk(work);
  const tick = async (): Promise<void> => {
    const untilMs = work.clock.monotonicMs() + TICK_MS;
    const isTimeUp = (): boolean => work.clock.monotonicMs() >= untilMs;
    const follow = await settings.run(isTimeUp);
    if (await stepDue(work, isTimeUp)) await letRemovalsGo(follow, work, isTimeUp);
  };
  return [on(MembershipTick, tick)];
}
