import type Sqlite from 'better-sqlite3';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import type { Session } from 'offthread/orm';
import * as schema from './schema.js';

type Library = BetterSQLite3Database<typeof schema>;
const libraries = new WeakMap<object, Library>();

/** Drizzle on the connection of a session; made once, since a lane's connection is the same for all of its units. */
export function libraryOf(session: Session): Library {
  const connection = session.connection as Sqlite.Database;
  let library = libraries.get(connection);
  if (!library) libraries.set(connection, (library = drizzle(connection, { schema })));
  return library;
}
