import Database from 'better-sqlite3';

/** The first value that the database itself answers, asked past the library. */
export function answer(file: string, sql: string, ...values: unknown[]): unknown {
  const database = new Database(file);
  try {
    return database
      .prepare(sql)
      .pluck()
      .get(...values);
  } finally {
    database.close();
  }
}
