import type { Control } from './sqlite-control.js';
import type { SqliteDatabase } from './sqlite-driver.js';

/** How many tables' statements are kept. */
const MOST = 100;

/**
 * Begun before a statement that may only change what is there, tells behind it whether the connection's last id is that of
 * a row which was inserted since. SQLite leaves the id of an earlier insert there, and may give the same one again: to
 * another table, or where its row was deleted.
 *
 * @param table as SQL calls it
 */
export type LastIdWatch = (table: string) => (last: bigint) => boolean;

export function watchLastId(database: SqliteDatabase, control: Control): LastIdWatch {
  const statements = new Map<string, { get(id: bigint): unknown }>();
  const rowOf = (table: string) => {
    let statement = statements.get(table);
    if (statement === undefined) {
      if (statements.size >= MOST) statements.clear();
      statements.set(table, (statement = database.prepare(`select 1 from ${table} where _rowid_ = ?`)));
    }
    return statement;
  };
  return (table) => {
    const before = control.lastInsertId.get() as bigint;
    const wasThere = rowOf(table).get(before) !== undefined;
    return (last) => last !== before || (!wasThere && rowOf(table).get(before) !== undefined);
  };
}
