import { TooManyRowsError } from '../../errors.js';
import type { Changes } from '../../plan/changes.js';
import type { RawTable } from '../../wire/answer.js';
import type { RawRow, Statement } from '../connection.js';
import type { ResultAnswer } from './answer.js';
import { type Columns, NO_COLUMNS } from './column.js';
import type { Cursor } from './cursor.js';
import { type Handle, takes } from './handle.js';
import type { SqlTraits } from './sql-traits.js';

/** What a statement needs of its connection. */
export interface StatementHome {
  readonly maxRows: number;
  /** Ends a transaction that was left open, before the server is asked what it would refuse within that. */
  endLeft(): void;
  /** Sends it and reads the whole answer; stops where there are more rows than `most`, and answers with one more. */
  run(statement: MysqlStatement, parameters: readonly unknown[], most: number): ResultAnswer;
  /** Sends it, and reads the answer as it is asked for. */
  open(statement: MysqlStatement, parameters: readonly unknown[]): Cursor;
  /** The same by column; it is not written down. */
  openByColumn(statement: MysqlStatement, parameters: readonly unknown[]): Cursor;
}

/** A statement of one connection, prepared on the server. */
export class MysqlStatement implements Statement {
  readonly sql: string;
  readonly traits: SqlTraits;
  /** As it is prepared on the server: once for each kind of values, where that makes a difference there. */
  readonly #handles: Handle[] = [];
  #handle: Handle | undefined;
  parameterCount = 0;
  /** The server does not prepare its kind: it is sent as text. */
  isText = false;
  known: Columns = NO_COLUMNS;
  readonly #home: StatementHome;

  constructor(sql: string, traits: SqlTraits, home: StatementHome) {
    this.sql = sql;
    this.traits = traits;
    this.#home = home;
  }

  /** Its number on the server, for the values that it was made ready for; undefined where it is sent as text. */
  get id(): number | undefined {
    return this.#handle?.id;
  }
  /** Whether it is prepared for such values. */
  isReadyFor(values: readonly unknown[]): boolean {
    if (this.isText || (this.#handle !== undefined && takes(this.#handle, values))) return true;
    this.#handle = this.#handles.find((handle) => takes(handle, values));
    return this.#handle !== undefined;
  }
  /** How often it is prepared. */
  get count(): number {
    return this.#handles.length;
  }
  /** It has been prepared once more. */
  prepared(handle: Handle): void {
    this.#handles.push(handle);
    this.#handle = handle;
  }
  /** Nothing of it is on the server any longer; answers with what was. */
  forget(): readonly Handle[] {
    this.#handle = undefined;
    return this.#handles.splice(0);
  }

  get isReadonly(): boolean {
    return this.traits.reads;
  }
  get returnsRows(): boolean {
    // MariaDB tells of RETURNING only when it answers.
    return this.known.names.length > 0 || this.traits.returns;
  }
  get columns(): readonly string[] {
    return this.known.names;
  }

  all(parameters: readonly unknown[]): RawRow[] {
    return this.#run(parameters).rows;
  }

  read(parameters: readonly unknown[], onPart: (part: RawTable) => void): readonly RawTable[] {
    const { maxRows } = this.#home;
    const cursor = this.#home.openByColumn(this, parameters);
    let count = 0;
    const add = (part: RawTable): void => {
      count += part.count;
      if (count > maxRows) throw new TooManyRowsError({ maxRows, sql: this.sql });
    };
    try {
      for (let part = cursor.nextTable(); part !== undefined; part = cursor.nextTable()) {
        add(part);
        onPart(part);
      }
      const rest = cursor.takeRestOfTables();
      for (const part of rest) add(part);
      return rest;
    } finally {
      cursor.close();
    }
  }

  run(parameters: readonly unknown[]): Changes {
    return changesOf(this.#run(parameters));
  }

  execute(parameters: readonly unknown[]): RawRow[] | Changes {
    const answer = this.#run(parameters);
    return answer.hasRows ? answer.rows : changesOf(answer);
  }

  #run(parameters: readonly unknown[]): ResultAnswer {
    const { maxRows } = this.#home;
    const answer = this.#home.run(this, parameters, maxRows);
    this.known = answer.columns;
    if (answer.rows.length > maxRows) throw new TooManyRowsError({ maxRows, sql: this.sql });
    return answer;
  }

  *iterate(parameters: readonly unknown[]): IterableIterator<RawRow> {
    const cursor = this.#home.open(this, parameters);
    try {
      for (;;) {
        const rows = cursor.next();
        if (rows.length === 0) return;
        for (const row of rows) {
          if (cursor.isClosed) return;
          yield row;
        }
      }
    } finally {
      cursor.close();
    }
  }
}

/** What a statement changed; the id is that of the first row which it inserted, as the server counts. */
function changesOf(answer: ResultAnswer): Changes {
  if (answer.hasRows) return { changes: answer.rows.length, insertId: undefined };
  const { insertId, changedRows } = answer;
  // Of more rows than a double counts nobody has heard.
  const changes = { changes: Number(answer.changes), insertId: Number(insertId) === 0 ? undefined : insertId };
  return changedRows === undefined ? changes : { ...changes, changedRows };
}
