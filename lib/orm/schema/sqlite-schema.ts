import { queryBuilderOf } from '../../plan/dialect.js';
import type { Session } from '../session.js';
import { existingColumns } from './existing-columns.js';
import { sqliteTable } from './sqlite-table.js';
import type { Table } from './table.js';

/** Makes tables, parents before their children. */
export function createSqliteTables(session: Session, tables: readonly Table[], isOnlyIfMissing: boolean): void {
  for (const table of tables) for (const statement of sqliteTable(table, isOnlyIfMissing)) session.run(statement);
}

/** Drops tables and all that is in them, children first. */
export function dropSqliteTables(session: Session, tables: readonly Table[], isOnlyIfThere: boolean): void {
  // A parent that goes before its child, in a circle of tables, must not be pointed to any more.
  tables.forEach((child, i) => {
    const later = new Set(tables.slice(i + 1).map(({ name }) => name));
    const isThere = !isOnlyIfThere || session.run(existingColumns('sqlite', child.name)).length > 0;
    for (const { columns, parent } of child.foreignKeys)
      if (isThere && later.has(parent)) forget(session, child, columns);
  });
  for (const { name } of [...tables].reverse()) {
    const drop = queryBuilderOf('sqlite').schema.dropTable(name);
    session.run(isOnlyIfThere ? drop.ifExists() : drop);
  }
}

function forget(session: Session, { name, columns }: Table, keys: readonly string[]): void {
  const nullable = columns.find(({ name: each, definition }) => keys.includes(each) && definition.isNullable);
  if (nullable !== undefined)
    session.run(
      queryBuilderOf('sqlite')
        .updateTable(name)
        .set({ [nullable.name]: null }),
    );
}
