import type { SqliteDatabase } from './sqlite-driver.js';

const IS_ROWID = `
  select count(*) = 1 and max(type = 'table' and wr = 0)
    and (select count(*) = 1 and max(name = @column collate nocase and type = 'INTEGER' collate nocase)
      from pragma_table_info(@table) where pk > 0)
    and not exists (select 1 from sqlite_schema where type = 'trigger' and tbl_name = @table collate nocase)
  from pragma_table_list where name = @table collate nocase`;
const HAS_TEMPORARY_TRIGGER = `select count(*) from sqlite_temp_schema where type = 'trigger' and tbl_name = ? collate nocase`;

/**
 * Whether SQLite makes a column's values itself, one after the other: the column is the table's rowid, and no trigger
 * may take a number in between. (https://www.sqlite.org/autoinc.html)
 *
 * Prepared when it is asked for: a connection that keeps a statement over the temporary schema reads three times as slowly.
 */
export function hasConsecutiveKeys(database: SqliteDatabase, table: string, column: string): boolean {
  if (database.prepare(IS_ROWID).pluck().get({ table, column }) !== 1) return false;
  return database.prepare(HAS_TEMPORARY_TRIGGER).pluck().get(table) === 0;
}
