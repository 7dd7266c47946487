import { DatabaseError, type DatabaseErrorKind, showSql } from '../errors.js';

// Result codes: https://www.sqlite.org/rescode.html. The first prefix that fits decides.
const KINDS: readonly (readonly [prefix: string, kind: DatabaseErrorKind])[] = [
  ['SQLITE_CONSTRAINT_UNIQUE', 'unique'],
  ['SQLITE_CONSTRAINT_PRIMARYKEY', 'unique'],
  ['SQLITE_CONSTRAINT_ROWID', 'unique'],
  ['SQLITE_CONSTRAINT_FOREIGNKEY', 'foreign-key'],
  ['SQLITE_CONSTRAINT_NOTNULL', 'not-null'],
  ['SQLITE_CONSTRAINT_CHECK', 'check'],
  // Of a strict table: a value that its column's type does not take.
  ['SQLITE_CONSTRAINT_DATATYPE', 'check'],
  ['SQLITE_BUSY_SNAPSHOT', 'stale-snapshot'],
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_READONLY', 'read-only'],
  ['SQLITE_NOTADB', 'not-a-database'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_FULL', 'full'],
  ['SQLITE_CANTOPEN', 'cannot-open'],
];

/**
 * A SqliteError in our words. Whatever else was thrown stays what it is.
 *
 * @param sql the statement, where it was a caller's
 * @param place what the message says it was
 */
export function toDatabaseError(error: unknown, sql: string | undefined, place = sql): unknown {
  if (!(error instanceof Error)) return error;
  // The driver's own refusals: of parameters that do not fit the text, of several statements in one, of none.
  if (
    sql !== undefined &&
    (error.constructor === RangeError || error.constructor === TypeError) &&
    !('code' in error)
  ) {
    const message = `${error.message}\n  in: ${sql === '' ? "'' (an empty text)" : showSql(sql)}`;
    return new DatabaseError(message, { code: 'SQLITE_MISUSE', kind: 'syntax', sql }, { cause: error });
  }
  if (error.constructor.name !== 'SqliteError') return error;
  const { code } = error as Error & { code: string };
  const kind =
    KINDS.find(([prefix]) => code.startsWith(prefix))?.[1] ??
    (code === 'SQLITE_ERROR' && sql !== undefined ? 'syntax' : 'other');
  const where = place === undefined ? '' : `\n  in: ${showSql(place)}`;
  return new DatabaseError(`${error.message} (${code})${where}`, { code, kind, sql }, { cause: error });
}
