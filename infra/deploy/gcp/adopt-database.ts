import './workspace-packages.ts';
import { text } from 'node:stream/consumers';
import { adoption } from './database-adoption.ts';

// gcloud firestore indexes composite list --project=<project> --database=<id> --format=json | npm run --silent
// adopt-database -- <project> <id> > adopt.json

const [project, database, ...others] = process.argv.slice(2);
if (project === undefined || database === undefined || others.length > 0) {
  process.stderr.write(
    'Usage: npm run --silent adopt-database -- <project> <id of the database>; the indexes, as gcloud lists them in JSON, on standard input\n',
  );
  process.exitCode = 2;
} else {
  try {
    process.stdout.write(`${JSON.stringify(adoption(project, database, await text(process.stdin)), null, 2)}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
