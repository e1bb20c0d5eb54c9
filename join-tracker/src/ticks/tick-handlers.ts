import { MembershipTick } from '@paid-community/shared/model/memberships/membership-tick.ts';
import { on, type TypedMessageHandler } from '@paid-community/shared/platform/delivery/message-handlers.ts';
import type { ReceivedMessage } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { MembershipWork } from '../memberships/membership-work.ts';
import { SettingsWalk } from './apply-settings.ts';
import { letRemovalsGo } from './let-removals-go.ts';
import { stepDue } from './step-due.ts';

/** Well within the ack deadline. The next tick goes on. */
const TICK_MS = 70_000;

/**
 * The time of the message is that of the bus, which on Google Cloud is not this machine's. A tick that is really so old
 * is of no use: another one follows within a minute.
 */
const MOST_LATE_MS = 600_000;

/**
 * What is due by time. A tick does what is due of memberships, then lets removals go. Nobody is removed before
 * everything that is due is known: the breaker counts all of them. Two ticks at once, or one that comes twice, do nothing
 * twice. When store, bus or queue do not answer, the next tick goes on.
 */
export function tickHandlers(work: MembershipWork): readonly TypedMessageHandler[] {
  const settings = new SettingsWalk(work);
  const tick = async (_: undefined, { publishTime }: ReceivedMessage): Promise<void> => {
    const lateMs = work.clock.now() - publishTime.getTime();
    if (Math.abs(lateMs) > MOST_LATE_MS) {
      work.log.warn({ lateMs }, 'a tick of another time: old, or the clock of this machine is wrong');
      return;
    }
    const untilMs = work.clock.monotonicMs() + TICK_MS;
    const isTimeUp = (): boolean => work.clock.monotonicMs() >= untilMs;
    const follow = await settings.run(isTimeUp);
    if (await stepDue(work, isTimeUp)) await letRemovalsGo(follow, work, isTimeUp);
  };
  return [on(MembershipTick, tick)];
}
