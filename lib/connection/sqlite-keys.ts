import type { KeyOrder } from './connection.js';
import type { SqliteDatabase } from './sqlite-driver.js';

const IS_ROWID = `
  select count(*) = 1 and max(type = 'table' and wr = 0)
    and (select count(*) = 1 and max(name = @column collate nocase and type = 'INTEGER' collate nocase)
      from pragma_table_info(@table) where pk > 0)
  from pragma_table_list where name = @table collate nocase`;
const HAS_TRIGGER = `select count(*) from sqlite_schema where type = 'trigger' and tbl_name = ? collate nocase`;
const HAS_TEMPORARY_TRIGGER = `select count(*) from sqlite_temp_schema where type = 'trigger' and tbl_name = ? collate nocase`;

/**
 * In which order SQLite makes a column's values, if it does so itself: only of the table's rowid is that known.
 * (https://www.sqlite.org/autoinc.html)
 *
 * Prepared when it is asked for: a connection that keeps a statement over the temporary schema reads three times as slowly.
 */
export function keyOrderOf(database: SqliteDatabase, table: string, column: string): KeyOrder {
  if (database.prepare(IS_ROWID).pluck().get({ table, column }) !== 1) return 'none';
  const has = (sql: string) => database.prepare(sql).pluck().get(table) !== 0;
  return has(HAS_TRIGGER) || has(HAS_TEMPORARY_TRIGGER) ? 'growing' : 'consecutive';
}
