import type { Database } from 'better-sqlite3';

export default function setup(connection: Database, { dialect, role }: { dialect: string; role: string }): void {
  connection.function('double', { deterministic: true }, (value) => Number(value) * 2);
  connection.function('served_by', () => `${dialect} ${role}`);
  connection.exec("create temp table basket (item); insert into basket values ('pear'), ('plum')");
}
