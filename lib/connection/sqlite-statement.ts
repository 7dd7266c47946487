import { showSql, TooManyRowsError } from '../errors.js';
import type { Changes } from '../plan/changes.js';
import type { Log, RawRow, Statement } from './connection.js';
import { toDatabaseError } from './sqlite-error.js';
import type { LastIdWatch } from './sqlite-last-id.js';
import { bare } from './sqlite-text.js';
import { mayBeRounded, narrow, narrowInteger, narrowRow, toSqlite } from './sqlite-value.js';

/** What is used of better-sqlite3's statements. */
export interface DriverStatement {
  readonly source: string;
  readonly reader: boolean;
  readonly readonly: boolean;
  columns(): { readonly name: string }[];
  raw(toggle: boolean): unknown;
  safeIntegers(toggle: boolean): unknown;
  all(...parameters: unknown[]): unknown[];
  run(...parameters: unknown[]): { readonly changes: number; readonly lastInsertRowid: number | bigint };
  iterate(...parameters: unknown[]): IterableIterator<unknown>;
}

interface Surroundings {
  readonly maxRows: number;
  readonly prepare: () => DriverStatement;
  /** Throws where a caller has given up, or where the transaction is gone. */
  readonly beforeCall: (isReadonly: boolean) => void;
  readonly afterCall: () => void;
  /** Where it is written down, if anybody wants to know. */
  readonly log: () => Log | undefined;
  readonly schemaVersion: () => number;
  readonly hasRowid: (table: string) => boolean;
  readonly lastIdWatch: LastIdWatch;
  /** The connection's open iterators. */
  readonly iterators: Set<Iterator<unknown>>;
}

/** From this many rows on a statement is read row by row, so that `maxRows` is noticed before they are all in memory. */
const MANY_ROWS = 100_000;
const INSERT = /^\s*(?:insert|replace|with\b[\s\S]*\b(?:insert|replace)\s+into)\b/i;
const NAME = '(?:"(?:[^"]|"")+"|`(?:[^`]|``)+`|\\[[^\\]]+\\]|[^\\s"`[\\](.,;]+)';
const INTO = new RegExp(`\\binto\\s+((?:${NAME}\\s*\\.\\s*)?(${NAME}))`, 'i');
/** It may insert nothing and still change a row: then SQLite's last id is that of an earlier insert. */
const UPSERT = /\bon\s+conflict\b[\s\S]*\bdo\s+update\b/i;

const unquoted = (name: string): string =>
  /^["`[]/.test(name) ? name.slice(1, -1).replaceAll(name.slice(-1).repeat(2), name.slice(-1)) : name;

/** A prepared statement of better-sqlite3, with exact integers and errors in our words. */
export class SqliteStatement implements Statement {
  readonly sql: string;
  readonly returnsRows: boolean;
  readonly isReadonly: boolean;
  readonly #statement: DriverStatement;
  /** The one that was executed last: it knows its columns as they are. */
  #executed: DriverStatement;
  readonly #around: Surroundings;
  readonly #table: string | undefined;
  readonly #isUpsert: boolean;
  #isExact: boolean;
  #answersMany = true;
  #columns: readonly string[] = [];
  #columnsVersion: number | undefined;
  /** Of the rows that were read last. */
  #width: number | undefined;

  constructor(sql: string, around: Surroundings) {
    this.sql = sql;
    this.#around = around;
    this.#executed = this.#statement = this.#prepare();
    const { reader, readonly } = this.#statement;
    this.returnsRows = reader;
    this.isReadonly = readonly;
    const text = bare(sql);
    this.#table = readonly || !INSERT.test(text) ? undefined : this.#tableIn(text);
    this.#isUpsert = UPSERT.test(text);
    if (reader) this.#statement.raw(true);
    // A read can be read again where a double may hide an integer; a write happens once, and is exact from the start.
    this.#isExact = !readonly;
    if (this.#isExact) this.#statement.safeIntegers(true);
  }

  /** The table that it inserts into, as its text calls it, where SQLite will know the id of what it inserts. */
  #tableIn(text: string): string | undefined {
    const [, table, name = ''] = INTO.exec(text) ?? [];
    return this.#around.hasRowid(unquoted(name)) ? table : undefined;
  }

  #prepare(): DriverStatement {
    try {
      return this.#around.prepare();
    } catch (error) {
      const told = toDatabaseError(error, this.sql);
      const log = this.#around.log();
      log?.fail(log.begin(this.sql, 0), told);
      throw told;
    }
  }

  get columns(): readonly string[] {
    const version = this.#around.schemaVersion();
    // The second is a belt: cells would go to the wrong columns, and on the wire to the wrong rows.
    if (version !== this.#columnsVersion || (this.#width !== undefined && this.#width !== this.#columns.length))
      this.#learnColumns(this.#executed, version);
    return this.#columns;
  }
  #learnColumns(statement: DriverStatement, version: number): void {
    const columns = statement.columns().map(({ name }) => name);
    // The same array while it says the same: whoever packs rows knows it by its identity.
    if (columns.length !== this.#columns.length || columns.some((name, i) => name !== this.#columns[i]))
      this.#columns = columns;
    this.#columnsVersion = version;
  }

  /** The schema was rolled back: its version may come again and mean something else. */
  forgetColumns(): void {
    this.#columnsVersion = undefined;
  }

  all(parameters: readonly unknown[]): RawRow[] {
    if (!this.returnsRows) {
      this.run(parameters);
      return [];
    }
    const bound = this.#bind(parameters);
    return this.#execute(parameters.length, () => {
      const rows = this.#read(bound);
      if (this.#isExact) return narrow(rows);
      return mayBeRounded(rows) ? this.#exactly(() => narrow(this.#read(bound))) : rows;
    });
  }

  execute(parameters: readonly unknown[]): RawRow[] | Changes {
    return this.returnsRows ? this.all(parameters) : this.run(parameters);
  }

  run(parameters: readonly unknown[]): Changes {
    if (this.returnsRows) return { changes: this.all(parameters).length, insertId: undefined };
    const bound = this.#bind(parameters);
    return this.#execute(parameters.length, () => {
      const table = this.#table;
      const hasChanged = table !== undefined && this.#isUpsert ? this.#around.lastIdWatch(table) : () => true;
      const { changes, lastInsertRowid } = this.#statement.run(...bound);
      const inserted = table !== undefined && changes > 0 && hasChanged(BigInt(lastInsertRowid));
      return { changes, insertId: inserted ? narrowInteger(BigInt(lastInsertRowid)) : undefined };
    });
  }

  iterate(parameters: readonly unknown[]): IterableIterator<RawRow> {
    const rows = this.#iterate(parameters);
    const log = this.#around.log();
    return log === undefined ? rows : log.follow(this.sql, parameters.length, rows);
  }
  *#iterate(parameters: readonly unknown[]): IterableIterator<RawRow> {
    const { iterators } = this.#around;
    // Of its own: a statement serves one iterator at a time, and refuses to be changed meanwhile.
    const statement = this.#prepare();
    statement.raw(true);
    statement.safeIntegers(true);
    const bound = this.#bind(parameters);
    // Now, since the driver may refuse to be asked while it iterates.
    const version = this.#around.schemaVersion();
    const rows = this.#call(() => statement.iterate(...bound)) as IterableIterator<RawRow>;
    iterators.add(rows);
    let isFirst = true;
    try {
      for (;;) {
        const next = this.#call(() => rows.next());
        if (isFirst) this.#learnColumns((this.#executed = statement), version);
        isFirst = false;
        if (next.done) return;
        this.#width = next.value.length;
        yield narrowRow(next.value);
      }
    } finally {
      rows.return?.();
      iterators.delete(rows);
    }
  }

  /** `all` is twice as fast as `iterate` for a row, but reads the whole table where that is what was asked. */
  #read(bound: readonly unknown[]): RawRow[] {
    const { maxRows } = this.#around;
    let rows: RawRow[];
    this.#executed = this.#statement;
    if (this.#answersMany) {
      rows = [];
      for (const row of this.#statement.iterate(...bound) as IterableIterator<RawRow>)
        if (rows.push(row) > maxRows) break;
    } else {
      rows = this.#statement.all(...bound) as RawRow[];
    }
    this.#answersMany = rows.length >= MANY_ROWS;
    this.#width = rows[0]?.length;
    if (rows.length > maxRows) throw new TooManyRowsError({ maxRows, sql: this.sql });
    return rows;
  }

  /** The setting is the statement's until its next execution, which has begun when `work` returns. */
  #exactly<T>(work: () => T): T {
    if (this.#isExact) return work();
    this.#statement.safeIntegers(true);
    try {
      return work();
    } finally {
      this.#statement.safeIntegers(false);
    }
  }

  #bind(parameters: readonly unknown[]): unknown[] {
    const bound = new Array<unknown>(parameters.length);
    for (let i = 0; i < bound.length; i++) {
      const value = parameters[i];
      bound[i] =
        typeof value === 'string' ? value : toSqlite(value, () => `Parameter ${i + 1} of ${showSql(this.sql)}`);
    }
    return bound;
  }

  /** One execution, written down where somebody wants to know. */
  #execute<T extends RawRow[] | Changes>(parameters: number, work: () => T): T {
    const log = this.#around.log();
    if (log === undefined) return this.#call(work);
    let query: ReturnType<Log['begin']> | undefined;
    try {
      return this.#call(() => {
        query = log.begin(this.sql, parameters);
        const result = work();
        log.end(query, result);
        return result;
      });
    } catch (error) {
      // Who had given up before asked nothing.
      if (query !== undefined) log.fail(query, error);
      throw error;
    }
  }

  #call<T>(work: () => T): T {
    this.#around.beforeCall(this.isReadonly);
    try {
      return work();
    } catch (error) {
      throw toDatabaseError(error, this.sql);
    } finally {
      this.#around.afterCall();
    }
  }
}
