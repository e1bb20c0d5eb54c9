import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { compileValidator, summarizeIssues } from '../../validation/validator.ts';
import { StoreStartError } from './store-errors.ts';
import { makePrivateFile, moveDurably, STORE_FILE, syncFile } from './store-files.ts';

const Time = Type.String({ format: 'date-time' });

const Record = Type.Object({
  to: Type.Object({ project: Type.String(), database: Type.String(), location: Type.String(), queue: Type.String() }),
  startedAt: Time,
  finishedAt: Type.Optional(Time),
  /** By collection: documents up to this id, in their order, are there. */
  documents: Type.Record(Type.String(), Type.String()),
  /** By queue and by topic: tasks and messages up to this number have been taken there. */
  tasks: Type.Record(Type.String(), Type.Integer()),
  messages: Type.Record(Type.String(), Type.Integer()),
  /** `<collection>/<id>` of what was there before, with another content that this store has not put there. */
  conflicts: Type.Array(Type.String()),
});

/**
 * What is known of the move of a store to Google Cloud: where to, and how far it has come. From its first line on the
 * store is not started any more.
 */
export type MoveRecord = Static<typeof Record>;

const validate = compileValidator(Record);

function moveRecordFile(dataDir: string): string {
  return join(dataDir, `${STORE_FILE}.moved`);
}

/**
 * Undefined when nobody has begun to move the store. @throws StoreStartError when the file does not say what it should
 */
export function readMoveRecord(dataDir: string): MoveRecord | undefined {
  const file = moveRecordFile(dataDir);
  if (!existsSync(file)) return undefined;
  const read = validate(parse(readFileSync(file, 'utf8')));
  if (read.valid) return read.value;
  throw new StoreStartError(
    'store_moved',
    `${file} says that the store was moved to Google Cloud, but not where to (${summarizeIssues(read.issues)}). Remove it only if the store was not moved.`,
  );
}

/** On stable storage before it returns. Call it under the lock. */
export function writeMoveRecord(dataDir: string, record: MoveRecord): void {
  const file = moveRecordFile(dataDir);
  const draft = `${file}.draft`;
  rmSync(draft, { force: true });
  makePrivateFile(draft);
  writeFileSync(draft, JSON.stringify(record, null, 2));
  syncFile(draft);
  moveDurably(draft, file);
}

/**
 * Two systems would work on the same purchases. @throws StoreStartError when the store was moved, or its move has begun
 */
export function refuseMovedStore(dataDir: string): void {
  const record = readMoveRecord(dataDir);
  if (record === undefined) return;
  const { to, startedAt, finishedAt } = record;
  const file = moveRecordFile(dataDir);
  const where = `project ${to.project}, Firestore database ${to.database}`;
  const what =
    finishedAt === undefined
      ? `is being moved to Google Cloud (${where}) since ${startedAt}: run \`ops move\` again to finish that`
      : `was moved to Google Cloud (${where}) at ${finishedAt}, and is worked on there`;
  throw new StoreStartError(
    'store_moved',
    `The store in ${dataDir} ${what}. To go back to this one, first stop the services there, or both would work on the same purchases; then remove ${file}. What happened there since is not known here.`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
