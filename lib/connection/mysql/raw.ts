import type { ResultAnswer } from './answer.js';

/** What a statement did that returns no rows, in the words of mysql2. */
interface ResultSetHeader {
  readonly affectedRows: number;
  readonly insertId: number | bigint;
  /** Of an UPDATE: how many of the rows that it found had other values before; else 0. */
  readonly changedRows: number;
}
type RawRowObject = Record<string, unknown>;
/** Rows and the names of their columns; or what was changed. */
type RawResult = readonly [rows: RawRowObject[] | ResultSetHeader, fields: readonly { readonly name: string }[]];

/** The blocking connection that a unit and the setup module get: what mysql2's promises would fulfil with, at once. */
export interface RawConnection {
  query(sql: string, values?: readonly unknown[]): RawResult;
  execute(sql: string, values?: readonly unknown[]): RawResult;
}

export function toRaw(run: (sql: string, values: readonly unknown[]) => ResultAnswer): RawConnection {
  const query = (sql: string, values: readonly unknown[] = []): RawResult => toRawResult(run(sql, values));
  return { query, execute: query };
}

function toRawResult(answer: ResultAnswer): RawResult {
  if (!answer.hasRows) {
    const { changes, insertId, changedRows = 0 } = answer;
    return [{ affectedRows: Number(changes), insertId, changedRows }, []];
  }
  const { names } = answer.columns;
  const rows = answer.rows.map((cells) => {
    const row: RawRowObject = {};
    for (const [i, name] of names.entries()) {
      // Assigned, it would become the row's prototype.
      if (name === '__proto__')
        Object.defineProperty(row, name, { value: cells[i], enumerable: true, configurable: true, writable: true });
      else row[name] = cells[i];
    }
    return row;
  });
  return [rows, names.map((name) => ({ name }))];
}
