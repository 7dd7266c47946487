import type { Connection } from '../connection.js';

const IS_GENERATED = `
  select extra like '%auto_increment%' from information_schema.columns
  where table_schema = database() and table_name = ? and column_name = ?`;

/**
 * Whether the server makes a column's values itself. Those of one `insert … values` follow one another, also where it
 * interleaves statements; https://dev.mysql.com/doc/refman/8.4/en/innodb-auto-increment-handling.html
 */
export function hasGeneratedKeys(connection: Connection, table: string, column: string): boolean {
  const [row] = connection.prepare(IS_GENERATED).all([table, column]);
  return row?.[0] === 1;
}
