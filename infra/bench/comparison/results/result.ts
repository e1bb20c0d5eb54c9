/** Everything of a run that its report is made from, as it is kept in results.json. */
export interface Results {
  readonly date: string;
  readonly size: 'quick' | 'default' | 'full';
  readonly machine: string;
  readonly fsyncsPerSecond: number;
  /** Of each side, as it says itself: versions and durability settings. */
  readonly sides: Readonly<Record<string, string>>;
  readonly sections: readonly SectionResult[];
}

export const sectionIds = ['intake', 'jobs', 'rate', 'webhook', 'replay', 'crash', 'queued', 'history'] as const;

export type SectionId = (typeof sectionIds)[number];

export interface SectionResult {
  readonly id: SectionId;
  /** What is compared, in the order of the table's columns. */
  readonly columns: readonly string[];
  readonly measures: readonly Measure[];
  /** Numbers that the text of the section speaks of. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly profile?: Profile;
  /** Output of another program, kept as it is. */
  readonly text?: string;
  /** Why the figures do not count: something that was acknowledged is missing. */
  readonly voidBecause: readonly string[];
}

export interface Measure {
  readonly name: string;
  readonly unit: Unit;
  readonly better: 'more' | 'less';
  /** One value for each run, by column. */
  readonly values: Readonly<Record<string, readonly number[]>>;
  readonly goal?: Goal;
}

export type Unit = '/s' | 'ms' | 's' | 'MiB' | 'bytes' | '×';

/** 'ahead': ours is better than every other column. 'share': `column` reaches this share of `of`. */
export type Goal =
  | { readonly kind: 'ahead' }
  | { readonly kind: 'share'; readonly column: string; readonly of: string; readonly atLeast: number };

export interface Profile {
  /** What was profiled. */
  readonly of: string;
  /** What it says about the distance to the others. */
  readonly meaning: string;
  /** Of the time in which the process was not idle, by group. */
  readonly shares: Readonly<Record<string, number>>;
}
