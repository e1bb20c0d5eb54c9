import type { Workspace } from '../workspace.ts';

export interface Context {
  readonly workspace: Workspace;
  readonly quick: boolean;
  readonly long: boolean;
  readonly profileFolder: string | undefined;
  /** Of this disk, measured just before: what every durable figure stands on. */
  readonly fsyncsPerSecond: number;
  readonly progress: (text: string) => void;
}
