import { queryBuilderOf } from '../../plan/dialect.js';
import { sql } from '../../plan/sql.js';
import type { Session } from '../session.js';
import { foreignKey, mysqlTable } from './mysql-table.js';
import { exactCollation } from './mysql-types.js';
import type { ForeignKey, Table } from './table.js';

/** Makes tables, parents before their children; in a circle of tables the last keys are added when all are there. */
export function createMysqlTables(session: Session, tables: readonly Table[], isOnlyIfMissing: boolean): void {
  const collation = session.run(exactCollation)[0]?.name ?? 'utf8mb4_bin';
  const later = keysToLater(tables);
  for (const table of tables) session.run(mysqlTable(table, collation, isOnlyIfMissing, later));
  for (const table of tables)
    for (const key of table.foreignKeys) {
      if (!later.has(key) || (isOnlyIfMissing && keyNames(session, table, key).length > 0)) continue;
      session.run(sql`alter table ${sql.table(table.name)} add ${foreignKey(table, key)}`);
    }
}

/** Drops tables and all that is in them, children first; in a circle of tables what they need of each other before. */
export function dropMysqlTables(session: Session, tables: readonly Table[], isOnlyIfThere: boolean): void {
  const later = keysToLater(tables);
  for (const table of tables)
    for (const key of table.foreignKeys)
      for (const name of later.has(key) ? keyNames(session, table, key) : [])
        session.run(sql`alter table ${sql.table(table.name)} drop foreign key ${sql.id(name)}`);
  for (const { name } of [...tables].reverse()) {
    const drop = queryBuilderOf('mysql').schema.dropTable(name);
    session.run(isOnlyIfThere ? drop.ifExists() : drop);
  }
}

/** Keys to tables that stand behind their own. */
function keysToLater(tables: readonly Table[]): Set<ForeignKey> {
  const places = new Map(tables.map(({ name }, i) => [name, i]));
  return new Set(
    tables.flatMap(({ foreignKeys }, i) => foreignKeys.filter(({ parent }) => (places.get(parent) ?? i) > i)),
  );
}

/** What the database calls the keys from one table to another; whoever made them may have named them. */
function keyNames(session: Session, { name }: Table, { parent }: ForeignKey): string[] {
  const keys = sql<{ name: string }>`select constraint_name as name from information_schema.referential_constraints
    where constraint_schema = database() and table_name = ${name} and referenced_table_name = ${parent}`;
  return session.run(keys).map((key) => key.name);
}
