/**
 * From now on this process goes on when nobody takes its output any more: the reader of a pipe has ended, the terminal
 * is gone, the disk of a log file is full. It says so once, on an output that still works. Lines are written again as
 * soon as they can be.
 */
export function surviveLostOutput(): void {
  let told = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (told) return;
    told = true;
    process.stderr.write(`The log cannot be written (${error.code ?? error.name}): the system goes on without it.\n`);
  });
  process.stderr.on('error', () => undefined);
}
