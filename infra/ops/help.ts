import type { Command, Options } from './command.ts';
import { commonOptions } from './parse-command.ts';
import { formatTable } from './table.ts';

export function overview(commands: readonly Command[]): string {
  return [
    'npm run ops -- <command> [arguments] [options]',
    '',
    formatTable(
      [],
      commands.map((command) => [`  ${usage(command)}`, command.summary]),
    ),
    '',
    'Every command takes',
    '',
    formatTable([], optionRows(commonOptions)),
    '',
    'Times are ISO 8601 (2026-11-20, 2026-11-20T10:00:00Z) or so long ago: 30m, 2h, 7d.',
    'Exit codes: 0 done; 1 done with failures, nothing found, or unhealthy; 2 bad arguments; 3 not reached or refused.',
    'npm run ops -- help <command> explains one.',
    '',
  ].join('\n');
}

export function helpOf(command: Command): string {
  const parameters = command.parameters.map(({ name, description }) => [`  <${name}>`, description]);
  return [
    `npm run ops -- ${usage(command)} [options]`,
    '',
    command.summary,
    '',
    formatTable([], [...parameters, ...optionRows(command.options), ...optionRows(commonOptions)]),
    '',
  ].join('\n');
}

function usage({ name, parameters }: Command): string {
  const shown = parameters.map(({ name: parameter, optional, many }) => {
    const text = `<${parameter}>${many === true ? '…' : ''}`;
    return optional === true ? `[${text}]` : text;
  });
  return [name, ...shown].join(' ');
}

function optionRows(options: Options): string[][] {
  return Object.entries(options).map(([name, { value, description }]) => [
    `  --${name}${value === undefined ? '' : ` ${value}`}`,
    description,
  ]);
}
