import type { CrashPoint } from '../../e2e/harness/crash-point.ts';

// Between a test and the system whose clock it drives.

/** How a system begins; as JSON in its first parameter. */
export interface DrivenStart {
  readonly aheadMs: number;
  readonly wrongByMs: number;
  readonly crashAt?: CrashPoint | undefined;
  /** Share of the deliveries that reach their handler twice at once, and again after others. */
  readonly repeats: number;
}

/** The time moves on, and the system works until nothing is left to do at that time. */
export interface Drive {
  readonly number: number;
  readonly aheadMs: number;
  readonly wrongByMs: number;
  /** The timer of memberships fires. */
  readonly ticks: boolean;
}

export interface Driven {
  readonly number: number;
  /** Messages and tasks that wait for a later time. */
  readonly waiting: number;
}
