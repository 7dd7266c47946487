import type { RawBuilder } from 'kysely';
import type { DialectName } from '../../plan/dialect.js';
import { sql } from '../../plan/sql.js';

/** The names of the columns that a table has in the database; none where there is no such table. */
export const existingColumns = (dialect: DialectName, table: string): RawBuilder<{ name: string }> =>
  queries[dialect](table);

const queries: Readonly<Record<DialectName, (table: string) => RawBuilder<{ name: string }>>> = {
  // The x is for generated columns.
  sqlite: (table) => sql<{ name: string }>`select name from pragma_table_xinfo(${table})`,
  mysql: (table) =>
    sql<{
      name: string;
    }>`select column_name as name from information_schema.columns where table_schema = database() and table_name = ${table}`,
};
