import type { Latency } from '../../statistics.ts';
import type { SideSettings } from './job-side.ts';

/**
 * What the process of a side can be asked to do. `name` stands for the purchases of a run: number i of it is always the
 * same one.
 */
export type SideQuestion =
  | { readonly kind: 'open'; readonly settings: SideSettings }
  | { readonly kind: 'work' }
  /** Accepts one by one, `atOnce` at a time; ends when every link is recorded. */
  | { readonly kind: 'burst'; readonly name: string; readonly count: number; readonly atOnce: number }
  /** Accepts at a fixed rate, whether or not earlier ones are done. */
  | { readonly kind: 'steady'; readonly name: string; readonly perSecond: number; readonly durationMs: number }
  | { readonly kind: 'fill'; readonly name: string; readonly count: number }
  | { readonly kind: 'replay'; readonly name: string; readonly count: number }
  | { readonly kind: 'until-recorded'; readonly count: number }
  | { readonly kind: 'until-handled'; readonly count: number }
  | { readonly kind: 'missing'; readonly name: string; readonly count: number }
  | { readonly kind: 'close' };

export interface Opened {
  readonly description: string;
}

export interface BurstResult {
  /** From the first accept to the last one's acknowledgement. */
  readonly acceptedMs: number;
  /** From the first accept to the last link on disk. */
  readonly recordedMs: number;
}

export interface SteadyResult {
  /** From the moment a purchase was due to its link on disk. */
  readonly latency: Latency;
}

export interface Progress {
  /** Milliseconds since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
  /** When the hundredth, the two-hundredth and so on happened. */
  readonly marks: readonly number[];
}
