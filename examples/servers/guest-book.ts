import { createPool, type Pool } from 'offthread';
import { createTables, openSession } from 'offthread/orm';
import type * as units from './guests.js';
import { Guest, Refused } from './guests.js';

export type GuestBook = Pool<typeof units>;

/** A pool on a guest book, which is made where there is none. */
export function openGuestBook(file: string): Promise<GuestBook> {
  const session = openSession(`sqlite:${file}`);
  session.transaction((session) => createTables(session, [Guest], { ifNotExists: true }));
  session.close();
  return createPool<typeof units>({
    database: `sqlite:${file}`,
    units: new URL('./guests.js', import.meta.url),
    errors: [Refused],
  });
}
