import type { CommandExit } from './exit-codes.ts';
import type { OpsApi } from './ops-api.ts';
import type { Output } from './output.ts';

export interface Option {
  readonly type: 'string' | 'boolean';
  /** What stands for its value in the help, such as `S`; with type string. */
  readonly value?: string;
  readonly description: string;
}

export type Options = Readonly<Record<string, Option>>;

export interface Parameter {
  readonly name: string;
  readonly description: string;
  readonly optional?: true;
  /** It takes all that are left; only for the last one. */
  readonly many?: true;
}

export interface CommandContext {
  readonly api: OpsApi;
  readonly output: Output;
  /**
   * Before what cannot be taken back: asks at a terminal, unless --yes.
   * @throws UsageError when it was not confirmed, or nobody can be asked.
   */
  readonly confirm: (what: string) => Promise<void>;
  /** Milliseconds since the Unix epoch, for times such as `2h`. */
  readonly now: () => number;
  /** From now on an early end leaves something half done, of which the API knows nothing. */
  readonly begin: () => void;
  /** For commands that take settings of the services. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Values<Declared extends Options> = {
  readonly [Name in keyof Declared]?: Declared[Name]['type'] extends 'boolean' ? boolean : string;
};

export interface CommandDefinition<Declared extends Options> {
  /** As it is typed: one to three words. */
  readonly name: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  /** Besides those that every command has. */
  readonly options: Declared;
  /** What to do when it ended early, and nobody knows how far it came; run it again when absent. */
  readonly ifUnfinished?: string;
  /** @throws UsageError, ApiError */
  readonly run: (
    call: { readonly values: Values<Declared>; readonly parameters: readonly string[] },
    context: CommandContext,
  ) => Promise<CommandExit>;
}

/** A command as the registry holds it. */
export interface Command extends Omit<CommandDefinition<Options>, 'run'> {
  readonly run: (
    call: {
      readonly values: Readonly<Record<string, string | boolean | undefined>>;
      readonly parameters: readonly string[];
    },
    context: CommandContext,
  ) => Promise<CommandExit>;
}

/** The parser of the arguments has seen to it that the values are of the declared types. */
export function defineCommand<const Declared extends Options>(definition: CommandDefinition<Declared>): Command {
  return {
    ...definition,
    run: (call, context) => definition.run({ ...call, values: call.values as Values<Declared> }, context),
  };
}
