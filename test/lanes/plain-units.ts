import { createRequire } from 'node:module';
import { read, type Session, sql } from 'offthread/orm';

// Units without entities: nothing says whether they will ever build a query.

/** Whether the library has asked for Kysely, on this thread. */
export const hasKysely = read(() => Object.keys(createRequire(import.meta.url).cache).some(isKysely));
const isKysely = (path: string) => path.includes('/node_modules/kysely/');

export const text = read((session: Session) => session.run(sql`select 1 as one`));
export const built = read((session: Session) => session.run(sql`select 1 as ${sql.ref('one')}`));
