import { parseArgs } from 'node:util';
import { UpError } from './run-tool.ts';

export const UP_USAGE = 'npm run up -- --stack staging|production [--yes]';

export interface UpOptions {
  /** A Pulumi stack, with its file Pulumi.<stack>.yaml. */
  readonly stack: string;
  /** Does not ask before Pulumi changes something. */
  readonly yes: boolean;
}

/** @throws UpError that says what would be right. */
export function parseUpOptions(args: readonly string[]): UpOptions {
  const { stack, yes = false } = parse(args);
  if (stack === undefined || !/^[a-z][a-z0-9-]*$/.test(stack))
    throw new UpError('--stack must be the name of a stack, such as staging', { isUsage: true });
  return { stack, yes };
}

function parse(args: readonly string[]): { readonly stack?: string | undefined; readonly yes?: boolean | undefined } {
  try {
    return parseArgs({ args: [...args], options: { stack: { type: 'string' }, yes: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new UpError(error instanceof Error ? error.message : String(error), { isUsage: true });
  }
}
