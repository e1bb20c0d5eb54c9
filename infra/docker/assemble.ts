import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SERVICES } from '@paid-community/shared/topology.ts';
import { assembleService } from './assemble-service.ts';
import { fillCompileCache } from './fill-compile-cache.ts';
import { folderSize, inMegabytes } from './folder-size.ts';

const USAGE = `node infra/docker/assemble.ts --service ${SERVICES.join('|')} --out FOLDER [--uid USER_ID]`;

// Makes the folder that is /app in the image; the Dockerfile runs this very file.
const { values } = parseArgs({ options: { service: { type: 'string' }, out: { type: 'string' }, uid: { type: 'string' } } });
const service = SERVICES.find((name) => name === values.service);
if (service === undefined || values.out === undefined || (values.uid !== undefined && !/^\d+$/.test(values.uid))) {
  console.error(`Usage: ${USAGE}`);
  process.exit(2);
}
const app = resolve(values.out);
const { packages } = await assembleService(service, app);
// The user that will run it, since Node keeps one cache for each.
await fillCompileCache(service, app, values.uid === undefined ? {} : { uid: Number(values.uid) });
const { bytes, files } = await folderSize(app);
console.log(`${service}: ${packages.size} packages, ${files} files, ${inMegabytes(bytes)} in ${app}`);
