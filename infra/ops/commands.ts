import type { Command } from './command.ts';
import { doctor } from './commands/doctor.ts';
import { listDeadLetters } from './commands/list-dead-letters.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [doctor, listDeadLetters];
