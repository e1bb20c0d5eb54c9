import { existsSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, RetryableError } from '../../ports/errors.ts';
import { readBackup } from './backup-file.ts';
import { STORE_FILE } from './store-files.ts';

/**
 * Beside the store, so that no restore replaces it: a line for each erasure, its time and the id of the request, or of
 * the grant of an import.
 */
export const ERASURE_RECORD = 'erased-requests.log';

/** Resolves when the lines are on stable storage. @throws RetryableError */
export async function recordErasures(dataDir: string, requestIds: readonly string[], now: Date): Promise<void> {
  try {
    await using file = await open(join(dataDir, ERASURE_RECORD), 'a', 0o600);
    // On a line of its own, though a crash has cut the last one short.
    await file.appendFile(['', ...requestIds.map((requestId) => `${now.toISOString()} ${requestId}`), ''].join('\n'));
    await file.datasync();
  } catch (error) {
    throw new RetryableError('erasure_not_recorded', `${ERASURE_RECORD} could not be written: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

/**
 * Requests that were erased, and of which the store knows something of before: a backup has brought them back. Call it
 * under the lock. A purchase that was posted again after the erasure is none of these. Reads all messages: a second for
 * some hundred thousand.
 */
export function erasedThatCameBack(dataDir: string): readonly string[] {
  const erasedAt = readRecord(join(dataDir, ERASURE_RECORD));
  if (erasedAt.size === 0) return [];
  return readBackup(join(dataDir, STORE_FILE), (database) => {
    const cameBack = new Set<string>();
    const request = database.prepare("SELECT data FROM documents WHERE collection = 'invite_requests' AND id = ?");
    const grant = database.prepare(
      "SELECT data ->> 'createdAt' AS made FROM documents WHERE collection = 'grants' AND id = ?",
    );
    for (const [requestId, at] of erasedAt) {
      const row = request.get(requestId);
      if (row !== undefined && !isErasedSince(String(row['data']), at)) cameBack.add(requestId);
      const given = grant.get(requestId);
      if (given !== undefined && String(given['made']) < at) cameBack.add(requestId);
    }
    for (const { data, published_at: publishedAt } of database
      .prepare('SELECT data, published_at FROM messages')
      .iterate()) {
      const requestId = /"requestId":"([^"]+)"/.exec(String(data))?.[1];
      const at = requestId === undefined ? undefined : erasedAt.get(requestId);
      if (requestId !== undefined && at !== undefined && Number(publishedAt) < Date.parse(at)) cameBack.add(requestId);
    }
    return [...cameBack];
  });
}

/** By request, the last time. A line that a crash has cut short is none: its erasure was not done. */
function readRecord(file: string): ReadonlyMap<string, string> {
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return new Map(
    lines.flatMap((line) => {
      const [at = '', requestId] = line.split(' ');
      return requestId === undefined ? [] : [[requestId, at] as const];
    }),
  );
}

function isErasedSince(data: string, at: string): boolean {
  const { status, erased } = JSON.parse(data) as {
    readonly status?: unknown;
    readonly erased?: { readonly at?: unknown };
  };
  return status === 'ERASED' || (typeof erased?.at === 'string' && erased.at >= at);
}
