import { TransactionLostError } from '../errors.js';
import { refuseTransactionControl } from '../plan/transaction-control.js';
import { whileBusy } from './busy.js';
import type { Connection, KeyOrder, Watch } from './connection.js';
import { type Control, prepareControl } from './sqlite-control.js';
import { type SqliteDatabase, supervise } from './sqlite-driver.js';
import { toDatabaseError } from './sqlite-error.js';
import { openFile, prepareForWriting, toOpeningError } from './sqlite-file.js';
import { keyOrderOf } from './sqlite-keys.js';
import { type LastIdWatch, watchLastId } from './sqlite-last-id.js';
import { type Kept, keep, tidy } from './sqlite-settings.js';
import { SqliteStatement } from './sqlite-statement.js';

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
  /** Who watches from another thread; without, the driver is left as it is. */
  readonly watch?: Watch;
}

/** Opens a database with better-sqlite3. */
export function openSqlite(options: SqliteOptions): SqliteConnection {
  return new SqliteConnection(options);
}

const NOBODY: Watch = { check() {}, enter() {}, leave() {} };

class SqliteConnection implements Connection {
  readonly dialect = 'sqlite';
  readonly system = 'sqlite';
  readonly #options: SqliteOptions;
  readonly #statements = new Map<string, SqliteStatement>();
  readonly #iterators = new Set<Iterator<unknown>>();
  readonly #supervision = {
    watch: NOBODY,
    iterators: this.#iterators,
    mayHaveCommitted: false,
    isOurs: false,
    isLent: false,
  };
  /** As the setup left the connection, noted before the first unit gets hold of it. */
  #kept: Kept | undefined;
  readonly #database: SqliteDatabase;
  readonly #control: Control;
  readonly #lastIdWatch: LastIdWatch;
  readonly #check: () => void;
  /** We have begun a transaction, and not ended it: where none is open then, something else has. */
  #hasBegun = false;

  constructor(options: SqliteOptions) {
    const { path, readonly, synchronous, watch } = options;
    this.#options = options;
    this.#check = () => watch?.check();
    this.#database = openFile(path, readonly);
    try {
      // To prepare is to read the schema, for which another's lock has to be waited for too.
      this.#control = this.whenFree(() => prepareControl(this.#database, path));
      this.#lastIdWatch = watchLastId(this.#database, this.#control);
      if (watch !== undefined) supervise(this.#database, Object.assign(this.#supervision, { watch }));
      this.whenFree(() => {
        try {
          if (!readonly) prepareForWriting(this.#database, path, synchronous);
          this.#database.pragma('schema_version');
        } catch (error) {
          throw toOpeningError(error, path);
        }
      });
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  whenFree<T>(work: () => T): T {
    return whileBusy(work, this.#options.busyTimeout, this.#check);
  }
  get mayHaveCommitted(): boolean {
    return this.#supervision.mayHaveCommitted;
  }

  get raw(): SqliteDatabase {
    return this.#database;
  }
  lend(): SqliteDatabase {
    // It may attach further ones, and change the schema.
    this.#hasAttached = undefined;
    this.#keysVersion = undefined;
    this.#mayHaveChanged();
    this.#kept ??= keep(this.#database);
    this.#supervision.isLent = true;
    return this.#database;
  }
  get isOpen(): boolean {
    return this.#database.open;
  }
  isFit(): boolean {
    return this.#database.open;
  }
  /** What a unit may leave behind it does with the raw connection, and that is noted where it is lent. */
  readonly isClean = true;
  get inTransaction(): boolean {
    return this.#database.inTransaction;
  }

  readonly groupsWrites = true;
  reads(sql: string): boolean {
    return this.prepare(sql).isReadonly;
  }
  prepare(sql: string): SqliteStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    refuseTransactionControl(sql);
    const { maxRows, watch } = this.#options;
    const statement = new SqliteStatement(sql, {
      maxRows,
      prepare: () => this.#database.prepare(sql),
      beforeCall: (isReadonly) => {
        if (!isReadonly) this.#mayHaveChanged();
        this.#check();
        this.#refuseLostTransaction();
        this.#supervision.isOurs = true;
      },
      afterCall: () => {
        this.#supervision.isOurs = false;
      },
      log: () => watch?.log,
      schemaVersion: () => this.#schemaVersion(),
      hasRowid: (table) => this.#ask(() => this.#control.withoutRowid.get(table)) !== 1,
      lastIdWatch: this.#lastIdWatch,
      iterators: this.#iterators,
    });
    if (this.#statements.size >= MAX_STATEMENTS)
      this.#statements.delete(this.#statements.keys().next().value as string);
    this.#statements.set(sql, statement);
    return statement;
  }

  keyOrder(table: string, column: string): KeyOrder {
    const version = this.#schemaVersion();
    if (version !== this.#keysVersion) this.#keys.clear();
    this.#keysVersion = version;
    const known = this.#keys.get(`${table}.${column}`);
    if (known !== undefined) return known;
    const order = this.#ask(() => keyOrderOf(this.#database, table, column));
    this.#keys.set(`${table}.${column}`, order);
    return order;
  }
  readonly #keys = new Map<string, KeyOrder>();
  #keysVersion: number | undefined;

  begin(access: 'read' | 'write'): void {
    this.#version = undefined;
    this.whenFree(() => {
      if (access === 'write') return this.#run('beginImmediate');
      this.#run('begin');
      // BEGIN takes no snapshot by itself; this first read does, so that a busy database is met here and not in a unit.
      try {
        this.#version = this.#control.schemaVersion.get() as number;
      } catch (error) {
        this.rollback();
        throw toDatabaseError(error, undefined);
      }
    });
    this.#hasBegun = true;
    this.#hasWritten = false;
    this.#supervision.mayHaveCommitted = false;
  }
  commit(): void {
    this.closeIterators();
    this.#run('commit');
    this.#hasBegun = false;
    this.#version = undefined;
  }
  rollback(): void {
    this.closeIterators();
    this.#hasBegun = false;
    this.#forgetSchema();
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
  endReading(): void {
    this.rollback();
  }
  rest(): void {}
  /** What a unit did next would be committed statement by statement, and nobody could take it back. */
  #refuseLostTransaction(): void {
    if (!this.#hasBegun || this.#database.inTransaction) return;
    throw new TransactionLostError(
      { what: 'The unit' },
      { outcome: this.mayHaveCommitted ? 'unknown' : 'not-committed' },
    );
  }
  savepoint(): void {
    this.#refuseLostTransaction();
    this.#run('savepoint');
  }
  release(): void {
    this.closeIterators();
    this.#run('release');
  }
  rollbackToSavepoint(): void {
    this.closeIterators();
    this.#forgetSchema();
    this.#run('rollbackTo');
    this.#run('release');
  }

  #run(name: keyof Control): void {
    this.#supervision.isOurs = true;
    try {
      this.#control[name].run();
    } catch (error) {
      throw toDatabaseError(error, undefined, name === 'commit' ? 'commit' : undefined);
    } finally {
      this.#supervision.isOurs = false;
    }
  }

  closeIterators(): void {
    for (const iterator of this.#iterators) iterator.return?.();
    this.#iterators.clear();
  }

  restrict(access: 'read' | 'write'): void {
    this.#database.pragma(`query_only = ${access === 'read'}`);
  }
  toError(error: unknown): unknown {
    return toDatabaseError(error, undefined);
  }

  clean(): void {
    this.rollback();
    this.#supervision.isLent = false;
    this.#supervision.isOurs = true;
    try {
      if (this.#kept !== undefined) tidy(this.#database, this.#kept);
    } finally {
      this.#supervision.isOurs = false;
    }
  }

  /** A question of our own, between the statements of a unit. */
  #ask<T>(question: () => T): T {
    const { isOurs } = this.#supervision;
    this.#supervision.isOurs = true;
    try {
      return question();
    } finally {
      this.#supervision.isOurs = isOurs;
    }
  }

  /** One number for all that a statement's columns may depend on; with attached databases it is never the same. */
  #schemaVersion(): number {
    this.#hasAttached ??= this.#ask(() =>
      (this.#database.pragma('database_list') as { name: string }[]).some(({ name }) => name !== 'main'),
    );
    if (this.#hasAttached) return Number.NaN;
    const version = this.#version ?? this.#ask(() => this.#control.schemaVersion.get() as number);
    // In a transaction nobody else can change it.
    if (this.#hasBegun && !this.#supervision.isLent) this.#version = version;
    return version;
  }
  #mayHaveChanged(): void {
    this.#version = undefined;
    this.#hasWritten = true;
  }
  /** Before what was done is undone, and with it perhaps a change of the schema. */
  #forgetSchema(): void {
    this.#version = undefined;
    if (this.#hasWritten) for (const statement of this.#statements.values()) statement.forgetColumns();
  }
  #hasAttached: boolean | undefined;
  #version: number | undefined;
  #hasWritten = false;

  close(): void {
    this.rollback();
    this.#statements.clear();
    this.#database.close();
  }
}
