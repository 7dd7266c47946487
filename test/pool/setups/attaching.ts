import type { Database } from 'better-sqlite3';

/** Attaches the file beside the database. */
export default function setup(connection: Database): void {
  connection.prepare('attach ? as archive').run(`${connection.name}.archive`);
}
