import { defineTick } from '../../platform/delivery/define-tick.ts';
import { linkPoolTicks } from '../topics.ts';

/** The question of a timer: does each pool have the links that it is to have? */
export const LinkPoolTick = defineTick({ type: 'LinkPoolTick', topic: linkPoolTicks });
