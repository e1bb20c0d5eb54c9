import { defineTick } from '../../platform/delivery/define-tick.ts';
import { membershipTicks } from '../topics.ts';

/** The question of a timer: which memberships have something due? */
export const MembershipTick = defineTick({ type: 'MembershipTick', topic: membershipTicks });
