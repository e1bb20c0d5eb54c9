import { DatabaseSync } from 'node:sqlite';

/**
 * Every row of every table of a store's file or backup, as text: what a test looks for something in that must not be
 * there any more.
 */
export function rowsOf(file: string): readonly string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all()
      .map(({ name }) => String(name));
    return tables.flatMap((table) =>
      database
        .prepare(`SELECT * FROM "${table}"`)
        .all()
        .map((row) => `${table} ${Object.values(row).map(String).join(' ')}`),
    );
  } finally {
    database.close();
  }
}
