import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/**
 * In the place of the base image: Node and the libraries that it is linked with, and nothing else. No shell, no npm, no
 * /etc: what works here works on an image that has more.
 */
export async function makePlainBase(folder: string): Promise<void> {
  // `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)`, and the loader by itself: `/lib64/ld-linux-x86-64.so.2
  // (0x…)`.
  const { stdout } = await promisify(execFile)('ldd', [process.execPath]);
  const libraries = [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].flatMap(([, path]) =>
    path === undefined ? [] : [path],
  );
  if (libraries.length === 0) throw new Error(`ldd names no library of ${process.execPath}:\n${stdout}`);
  const files = [
    { from: process.execPath, to: '/usr/local/bin/node' },
    ...libraries.map((path) => ({ from: path, to: path })),
  ];
  for (const { from, to } of files) {
    await mkdir(dirname(join(folder, to)), { recursive: true });
    await copyFile(from, join(folder, to), constants.COPYFILE_FICLONE);
  }
}
