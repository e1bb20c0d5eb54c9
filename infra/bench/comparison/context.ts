import type { Workspace } from '../workspace.ts';
import type { PostgresTemplate } from './servers/postgres.ts';

export type Size = 'quick' | 'default' | 'full';

export interface Context {
  readonly workspace: Workspace;
  readonly postgres: PostgresTemplate;
  readonly size: Size;
  /** Folder for CPU profiles of our side. */
  readonly profileFolder: string | undefined;
  /** Tells the person at the terminal how far it is. */
  readonly progress: (text: string) => void;
}

/** The value for the size that was asked for. */
export function bySize<Value>(size: Size, values: Readonly<Record<Size, Value>>): Value {
  return values[size];
}
