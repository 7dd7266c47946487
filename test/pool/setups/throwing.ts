import type { Database } from 'better-sqlite3';

export default function setup(connection: Database): void {
  connection.exec('pragma no_such_table_here; select * from no_such_table');
}
