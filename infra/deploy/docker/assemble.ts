import { resolve } from 'node:path';
import { SERVICES } from '@paid-community/shared/topology.ts';
import { orExit } from '../../ops/command-line/or-exit.ts';
import { readOptions } from '../../ops/command-line/read-arguments.ts';
import { UsageError } from '../../ops/command-line/usage-error.ts';
import { assembleService } from './assemble-service.ts';
import { fillCompileCache } from './fill-compile-cache.ts';
import { folderSize, inMegabytes } from './folder-size.ts';

const USAGE = `Usage: node infra/deploy/docker/assemble.ts --service ${SERVICES.join('|')} --out FOLDER [--uid USER_ID]\n`;

// Makes the folder that is /app in the image; the Dockerfile runs this very file.
const { service, out, uid } = orExit(() => {
  const values = readOptions(process.argv.slice(2), {
    service: { type: 'string' },
    out: { type: 'string' },
    uid: { type: 'string' },
  });
  const named = SERVICES.find((name) => name === values.service);
  if (named === undefined) throw new UsageError(`--service must be one of ${SERVICES.join(', ')}`);
  if (values.out === undefined || values.out === '') throw new UsageError('--out must be the folder to be made');
  if (values.uid !== undefined && !/^\d+$/.test(values.uid)) throw new UsageError('--uid must be the number of a user');
  return { service: named, out: values.out, uid: values.uid };
}, USAGE);
const app = resolve(out);
const { packages } = await assembleService(service, app);
// The user that will run it, since Node keeps one cache for each.
await fillCompileCache(service, app, uid === undefined ? {} : { uid: Number(uid) });
const { bytes, files } = await folderSize(app);
console.log(`${service}: ${packages.size} packages, ${files} files, ${inMegabytes(bytes)} in ${app}`);
