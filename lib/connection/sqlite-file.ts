import { accessSync, constants } from 'node:fs';
import { DatabaseError } from '../errors.js';
import { NATIVE_WAIT } from './busy.js';
import { loadDriver, type SqliteDatabase } from './sqlite-driver.js';
import { toDatabaseError } from './sqlite-error.js';

/** Opens a file, without a word to it yet. */
export function openFile(path: string, readonly: boolean): SqliteDatabase {
  const Database = loadDriver();
  if (!readonly && isProtected(path)) {
    // Asked first: SQLite opens it as read-only without a word, and in WAL mode leaves files of its own beside it.
    throw toOpeningError(new DatabaseError('', { code: 'SQLITE_READONLY', kind: 'read-only' }), path);
  }
  try {
    return new Database(path, { readonly, timeout: NATIVE_WAIT });
  } catch (error) {
    // The one thing that the driver reports as a TypeError: a missing directory.
    if (error instanceof TypeError) throw cannotOpen(path, 'its directory does not exist: make it first', error);
    throw toOpeningError(error, path);
  }
}

function isProtected(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
  } catch {
    return false;
  }
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch {
    return true;
  }
}

/** What the writer does once, and readers never: only then can nobody find the file half-way between two journals. */
export function prepareForWriting(database: SqliteDatabase, path: string, synchronous: string): void {
  if (path !== ':memory:') database.pragma('journal_mode = wal');
  database.pragma(`synchronous = ${synchronous}`);
  // What else may keep it from being written shows here and not with the first write, which is taken back.
  const version = database.pragma('user_version', { simple: true }) as number;
  try {
    database.exec(`begin immediate; pragma user_version = ${version}; rollback`);
  } catch (error) {
    // Whoever only has to wait for another may write; and a migration elsewhere may take long.
    if (!isBusy(error)) throw error;
  }
}

function isBusy(thrown: unknown): boolean {
  const error = toDatabaseError(thrown, undefined);
  return error instanceof DatabaseError && error.kind === 'busy';
}

/** An error of opening, with what to do about it. */
export function toOpeningError(thrown: unknown, path: string): unknown {
  const error = toDatabaseError(thrown, undefined);
  if (!(error instanceof DatabaseError)) return error;
  switch (error.kind) {
    case 'not-a-database':
      return cannotOpen(path, 'the file is no SQLite database: check the path, nothing was changed', error);
    case 'read-only':
      return cannotOpen(
        path,
        'the file or its directory is write-protected, and SQLite needs both to write: check their permissions',
        error,
      );
    case 'cannot-open':
      return cannotOpen(
        path,
        'it is a directory, or may not be read or made by this user: check the path and its permissions',
        error,
      );
    case 'corrupt':
      return cannotOpen(path, 'the file is damaged (database disk image is malformed): restore a backup of it', error);
    default:
      return error;
  }
}

function cannotOpen(path: string, why: string, cause: Error): DatabaseError {
  const kind = cause instanceof DatabaseError ? cause.kind : 'cannot-open';
  const code = cause instanceof DatabaseError ? cause.code : 'SQLITE_CANTOPEN';
  return new DatabaseError(`The database ${path} could not be opened: ${why}.`, { code, kind }, { cause });
}
