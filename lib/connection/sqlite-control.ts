import { randomBytes } from 'node:crypto';
import type { SqliteDatabase } from './sqlite-driver.js';
import { toOpeningError } from './sqlite-file.js';

// A name that no unit can guess: one that made a savepoint of the same name would hide that it has ended ours.
const SAVEPOINT = `offthread_${randomBytes(8).toString('hex')}`;
/** What a connection says for itself, prepared once. */
const CONTROL = {
  begin: 'begin',
  beginImmediate: 'begin immediate',
  commit: 'commit',
  rollback: 'rollback',
  savepoint: `savepoint ${SAVEPOINT}`,
  release: `release ${SAVEPOINT}`,
  rollbackTo: `rollback to ${SAVEPOINT}`,
  schemaVersion: 'pragma schema_version',
  lastInsertId: 'select last_insert_rowid()',
  withoutRowid: 'select wr from pragma_table_list where name = ?',
} as const;
export type Control = Record<keyof typeof CONTROL, { run(): unknown; get(...parameters: unknown[]): unknown }>;

export function prepareControl(database: SqliteDatabase, path: string): Control {
  try {
    return prepare(database);
  } catch (error) {
    throw toOpeningError(error, path);
  }
}

function prepare(database: SqliteDatabase): Control {
  const control = Object.fromEntries(Object.entries(CONTROL).map(([name, sql]) => [name, database.prepare(sql)]));
  control.schemaVersion?.pluck();
  control.withoutRowid?.pluck();
  control.lastInsertId?.pluck().safeIntegers();
  return control as unknown as Control;
}
