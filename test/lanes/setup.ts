import { existsSync } from 'node:fs';
import type Sqlite from 'better-sqlite3';

export const schema = `
  create table if not exists note (
    id integer primary key,
    body text,
    parent integer references note(id) deferrable initially deferred
  );
  create trigger if not exists refused before insert on note when new.body = 'refused' begin
    select raise(rollback, 'refused by a trigger');
  end;
`;

/** Tells SQL on which lane it runs; fails for as long as the file that SETUP_FAILS_WITH names is there. */
export default function setup(connection: Sqlite.Database, { role }: { role: 'reader' | 'writer' }): void {
  const obstacle = process.env.SETUP_FAILS_WITH;
  if (obstacle !== undefined && existsSync(obstacle)) throw new Error(`${obstacle} is in the way`);
  connection.function('lane', () => role);
  if (role === 'reader') return;
  connection.exec(schema);
  // A disk that is soon full: 8 MB.
  connection.pragma('max_page_count = 2000');
}
