import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import type Sqlite from 'better-sqlite3';
import { DatabaseError, MissingDriverError } from '../errors.js';
import { queryBuilders } from '../plan/dialect.js';
import { refuseTransactionControl } from '../plan/query.js';
import { BUSY_SLICE, whileBusy } from './busy.js';
import type { Connection, Watch } from './connection.js';
import { toDatabaseError } from './sqlite-error.js';
import { SqliteStatement } from './sqlite-statement.js';

const VERSIONS = '^12.11.1 || ^13.0.2';
const MAX_STATEMENTS = 1000;

export interface SqliteOptions {
  /** An absolute path, or `:memory:`. */
  readonly path: string;
  /** A reader opens the file read-only and never touches its journal mode. */
  readonly readonly: boolean;
  readonly synchronous: 'OFF' | 'NORMAL' | 'FULL' | 'EXTRA';
  /** Milliseconds that a lock is waited for. */
  readonly busyTimeout: number;
  /** More rows than this are an error. */
  readonly maxRows: number;
  readonly watch: Watch;
}

/** The driver. Not imported but required, so that whoever needs no SQLite needs no better-sqlite3. */
function loadDriver(): typeof Sqlite {
  try {
    return createRequire(import.meta.url)('better-sqlite3');
  } catch (cause) {
    throw new MissingDriverError({ driver: 'better-sqlite3', version: VERSIONS }, { cause });
  }
}

/** Loads the addon on the calling thread: a worker that dies as its only user can crash the process. */
export function preloadSqlite(): void {
  new (loadDriver())(':memory:').close();
}

/** Opens a database with better-sqlite3. */
export function openSqlite(options: SqliteOptions): SqliteConnection {
  return new SqliteConnection(options);
}

// A name that no unit can guess: one that made a savepoint of the same name would hide that it has ended ours.
const SAVEPOINT = `offthread_${randomBytes(8).toString('hex')}`;
const CONTROL = {
  begin: 'begin',
  beginImmediate: 'begin immediate',
  commit: 'commit',
  rollback: 'rollback',
  savepoint: `savepoint ${SAVEPOINT}`,
  release: `release ${SAVEPOINT}`,
  rollbackTo: `rollback to ${SAVEPOINT}`,
  schemaVersion: 'pragma schema_version',
} as const;
type Control = Record<keyof typeof CONTROL, Sqlite.Statement>;

function prepareControl(database: Sqlite.Database): Control {
  const control = Object.fromEntries(
    Object.entries(CONTROL).map(([name, sql]) => [name, database.prepare(sql)]),
  ) as Control;
  control.schemaVersion.pluck();
  return control;
}

class SqliteConnection implements Connection {
  readonly dialect = 'sqlite';
  readonly builder = queryBuilders.sqlite;
  readonly maxParameters = 32_766;
  readonly #options: SqliteOptions;
  readonly #statements = new Map<string, SqliteStatement>();
  readonly #iterators = new Set<Iterator<unknown>>();
  #database: Sqlite.Database;
  #control: Control;

  constructor(options: SqliteOptions) {
    this.#options = options;
    this.#database = this.#open();
    this.#control = prepareControl(this.#database);
  }

  #open(): Sqlite.Database {
    const { path, readonly, synchronous, busyTimeout, watch } = this.#options;
    const database = openFile(path, readonly);
    try {
      whileBusy(
        () => {
          try {
            if (!readonly) prepareForWriting(database, path, synchronous);
            database.pragma('schema_version');
          } catch (error) {
            throw inOpening(toDatabaseError(error, undefined), path);
          }
        },
        busyTimeout,
        watch,
      );
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  }

  get raw(): Sqlite.Database {
    return this.#database;
  }
  get inTransaction(): boolean {
    return this.#database.inTransaction;
  }

  prepare(sql: string): SqliteStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    refuseTransactionControl(sql);
    const { watch, maxRows } = this.#options;
    let statement: SqliteStatement;
    try {
      statement = new SqliteStatement(this.#database.prepare(sql), {
        watch,
        maxRows,
        schemaVersion: () => this.#control.schemaVersion.get() as number,
        iterators: this.#iterators,
      });
    } catch (error) {
      throw toDatabaseError(error, sql);
    }
    if (this.#statements.size >= MAX_STATEMENTS)
      this.#statements.delete(this.#statements.keys().next().value as string);
    this.#statements.set(sql, statement);
    return statement;
  }

  begin(access: 'read' | 'write'): void {
    whileBusy(
      () => {
        if (access === 'write') return this.#run('beginImmediate');
        this.#run('begin');
        // BEGIN takes no snapshot by itself; this first read does, so that a busy database is met here and not in a unit.
        try {
          this.#control.schemaVersion.get();
        } catch (error) {
          this.rollback();
          throw toDatabaseError(error, undefined);
        }
      },
      this.#options.busyTimeout,
      this.#options.watch,
    );
  }
  commit(): void {
    this.#closeIterators();
    this.#run('commit');
  }
  rollback(): void {
    this.#closeIterators();
    if (!this.#database.inTransaction) return;
    try {
      this.#run('rollback');
    } catch {
      // An iterator of the raw connection is open, and the driver refuses while one is: SQLite itself does not.
      this.#database.unsafeMode(true);
      this.#run('rollback');
      this.#database.unsafeMode(false);
    }
  }
  savepoint(): void {
    this.#run('savepoint');
  }
  release(): void {
    this.#closeIterators();
    this.#run('release');
  }
  rollbackToSavepoint(): void {
    this.#closeIterators();
    this.#run('rollbackTo');
    this.#run('release');
  }

  #run(name: keyof typeof CONTROL): void {
    const { watch } = this.#options;
    watch.enter();
    try {
      this.#control[name].run();
    } catch (error) {
      throw toDatabaseError(error, undefined);
    } finally {
      watch.leave();
    }
  }

  #closeIterators(): void {
    for (const iterator of this.#iterators) iterator.return?.();
    this.#iterators.clear();
  }

  restrict(access: 'read' | 'write'): void {
    this.#database.pragma(`query_only = ${access === 'read'}`);
  }
  toError(error: unknown, sql?: string): unknown {
    return toDatabaseError(error, sql);
  }

  clean(): void {
    this.rollback();
    try {
      this.#database.defaultSafeIntegers(false).unsafeMode(false).exec('');
    } catch {
      // Only the garbage collector can end an iterator that nobody holds: leave this connection to it.
      this.#statements.clear();
      this.#database = this.#open();
      this.#control = prepareControl(this.#database);
    }
  }

  close(): void {
    this.rollback();
    this.#statements.clear();
    this.#database.close();
  }
}

function openFile(path: string, readonly: boolean): Sqlite.Database {
  const Database = loadDriver();
  try {
    return new Database(path, { readonly, timeout: BUSY_SLICE });
  } catch (error) {
    // The one thing that the driver reports as a TypeError: a missing directory.
    if (error instanceof TypeError) throw cannotOpen(path, 'its directory does not exist: make it first', error);
    throw inOpening(toDatabaseError(error, undefined), path);
  }
}

/** What the writer does once, and readers never: only then can nobody find the file half-way between two journals. */
function prepareForWriting(database: Sqlite.Database, path: string, synchronous: string): void {
  if (path !== ':memory:') database.pragma('journal_mode = wal');
  database.pragma(`synchronous = ${synchronous}`);
  // A write-protected file opens without an error, as read-only: only a lock tells.
  database.exec('begin immediate; rollback');
}

function inOpening(error: unknown, path: string): unknown {
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
    default:
      return error;
  }
}

function cannotOpen(path: string, why: string, cause: Error): DatabaseError {
  const kind = cause instanceof DatabaseError ? cause.kind : 'cannot-open';
  const code = cause instanceof DatabaseError ? cause.code : 'SQLITE_CANTOPEN';
  return new DatabaseError(`The database ${path} could not be opened: ${why}.`, { code, kind }, { cause });
}
