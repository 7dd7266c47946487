import { createTables, type Session, sql } from 'offthread/orm';
import * as entities from './entities.js';

/** Makes the tables of an empty database. */
export function makeTables(session: Session): void {
  createTables(session, entities);
  // What an entity does not say: without regard to case, so that 'lon' finds London; and the same name twice at one
  // place is one city.
  session.run(sql`create index city_by_name on city (name collate nocase)`);
  session.run(
    sql`create unique index city_at_its_place on city (country_code, name collate nocase, latitude, longitude)`,
  );
}
