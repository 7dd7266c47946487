/**
 * Whether SQLite makes a column's values itself, one after the other: the column is the table's rowid, and no trigger
 * may take a number in between. (https://www.sqlite.org/autoinc.html)
 */
export const CONSECUTIVE_KEYS = `
  select count(*) = 1 and max(type = 'table' and wr = 0)
    and (select count(*) = 1 and max(name = @column collate nocase and type = 'INTEGER' collate nocase)
      from pragma_table_info(@table) where pk > 0)
    and not exists (select 1 from sqlite_schema where type = 'trigger' and tbl_name = @table collate nocase)
    and not exists (select 1 from sqlite_temp_schema where type = 'trigger' and tbl_name = @table collate nocase)
  from pragma_table_list where name = @table collate nocase`;
