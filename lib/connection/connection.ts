import type { Changes } from '../plan/changes.js';
import type { DialectName } from '../plan/dialect.js';
import type { Isolation } from '../plan/isolation.js';
import type { RawTable } from '../wire/answer.js';
import type { QueryRecord } from '../wire/record.js';

/** A row as the driver has it: one value a column, in the order of the columns. */
export type RawRow = unknown[];

/** A prepared statement of one connection. Blocking, like everything here. */
export interface Statement {
  readonly sql: string;
  /** Whether it answers with rows, as far as is known before. */
  readonly returnsRows: boolean;
  /** Whether it cannot change the database. */
  readonly isReadonly: boolean;
  /** The names of the columns, as they are after the last execution, also when the schema has changed since. */
  readonly columns: readonly string[];
  all(parameters: readonly unknown[]): RawRow[];
  /**
   * The same as they come, where that is bit by bit: from a server, which sends on meanwhile. It is not written down.
   * @param onPart takes rows that fill a message, as soon as they are here
   * @returns the rows behind those
   */
  read?(parameters: readonly unknown[], onPart: (part: RawTable) => void): readonly RawTable[];
  run(parameters: readonly unknown[]): Changes;
  /** Rows, or what it changed. Of some statements, as of a server's procedures, only the answer tells which. */
  execute(parameters: readonly unknown[]): RawRow[] | Changes;
  /** Rows one at a time; closed by the connection before it commits or rolls back. */
  iterate(parameters: readonly unknown[]): IterableIterator<RawRow>;
}

/** A query that only reads, and what it answers. */
export interface Read {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}
export interface Rows {
  readonly columns: readonly string[];
  readonly rows: RawRow[];
}

/** How the keys that a database makes follow the rows of one statement: a trigger may take some in between. */
export type KeyOrder = 'consecutive' | 'growing' | 'none';

/** One blocking connection to a database: the only thing that the ORM and the worker know of a driver. */
export interface Connection {
  readonly dialect: DialectName;
  /** Which database it is: MariaDB speaks MySQL's SQL, and is told apart here. */
  readonly system: 'sqlite' | 'mysql' | 'mariadb';
  /** The driver's own connection, for the setup module. */
  readonly raw: unknown;
  /** The same for a unit, which leaves nothing behind: see `clean`. */
  lend(): unknown;
  /** False where a unit has closed the raw connection. */
  readonly isOpen: boolean;
  /** Asked before work is begun: false where the other side has hung up meanwhile, which `isOpen` does not notice. */
  isFit(): boolean;
  readonly inTransaction: boolean;
  /** How its bytes travel, where there is a server at the other end. */
  readonly streamKind?: 'socket' | 'relay';
  /** Bytes that the server has answered so far. */
  readonly received?: number;
  /** Whether writes that wait share a transaction, and so its one COMMIT; else each statement commits itself outside of one. */
  readonly groupsWrites: boolean;
  prepare(sql: string): Statement;
  /** Whether a statement cannot change the database; asked before it is prepared, where that would be a question to a server. */
  reads(sql: string): boolean;
  /** On a server: whether only a transaction can undo all of what it does, or refuse what it may do. */
  needsTransaction?(sql: string): boolean;
  /** On a server: whether it is made of statements, so that some may be done where it fails. */
  compounds?(sql: string): boolean;
  /**
   * How the values that the database makes for a column follow the rows of one statement: one after the other up to
   * `insertId`, or growing. Asked where a statement could return them.
   */
  keyOrder?(table: string, column: string): KeyOrder;
  /**
   * Several reads outside of a transaction, where they are cheaper together; each fails alone. `begins` is called before the
   * answer to one is waited for, and `check` of the watch is then about that one: what it throws is the result of this read.
   */
  readTogether?(reads: readonly Read[], begins?: (index: number) => void): readonly (Rows | Error)[];
  /** The step from one key that the server makes to the next, from `insertId` on, where no statement returns them. */
  readonly keyStep?: number;
  /** Begins a transaction: for writing with the lock taken now, for reading with the snapshot taken now. */
  begin(access: 'read' | 'write', isolation?: Isolation): void;
  commit(): void;
  /** Ends the transaction if there is one; never hides the error that led to it. */
  rollback(): void;
  /** The same for a transaction that could only read. To a server this is said with what comes next, or by `rest`. */
  endReading(): void;
  /** Nothing comes next for now. */
  rest(): void;
  savepoint(): void;
  /** Keeps what was done since the savepoint; throws where it is gone. */
  release(): void;
  /** Undoes what was done since the savepoint, and the savepoint; throws where it is gone. */
  rollbackToSavepoint(): void;
  /** Allows reads only, or writes again, on a connection that could do both. */
  restrict(access: 'read' | 'write'): void;
  /** An error of the driver in our words; anything else as it is. */
  toError(error: unknown): unknown;
  /** Closes the iterators that a unit left open: they would refuse COMMIT, ROLLBACK and other writes. */
  closeIterators(): void;
  /** After a unit had the raw connection: undoes what it may have left behind. */
  clean(): void;
  /** Whether nothing was done that the next unit could see; else `clean`, before it comes. */
  readonly isClean: boolean;
  /** Whether somebody ran a COMMIT of his own since `begin`: a transaction that is gone may then have been committed. */
  readonly mayHaveCommitted: boolean;
  /** Tries until the database is not busy, or `busyTimeout` is over. */
  whenFree<T>(work: () => T): T;
  close(): void;
}

/** Who watches a connection from another thread, and may stop it between two calls of the driver. */
export interface Watch {
  /** Nobody else has anything to do: the core that it takes to look for an answer again and again is missed by nobody. */
  readonly isAlone?: boolean;
  /** Before a statement: throws where the caller has given up. */
  check(): void;
  /**
   * Before a unit may commit by itself, on the raw connection; throws where the caller has given up. What it answers with is
   * called where the unit has not.
   */
  commits?(): () => void;
  /** From here to `leave` the thread is inside the driver; calls nest where SQL calls back into JavaScript. */
  enter(): void;
  leave(): void;
  /** Where the queries of the call that runs are written down, if somebody wants to know them. */
  readonly log?: Log | undefined;
}

/** Writes down statements that are executed. */
export interface Log {
  lazyLoads: number;
  readonly trace: Readonly<Record<string, string>> | undefined;
  begin(sql: string, parameters: number): QueryRecord;
  end(query: QueryRecord, result: readonly unknown[] | { readonly changes: number }): void;
  fail(query: QueryRecord, error: unknown): void;
  /** Rows that come part by part: `next` gets some. */
  during(query: QueryRecord, next: () => RawRow[]): RawRow[];
  follow(sql: string, parameters: number, rows: IterableIterator<RawRow>): IterableIterator<RawRow>;
}
