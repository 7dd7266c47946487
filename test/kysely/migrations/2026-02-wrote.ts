import type { Migration } from 'kysely';
import type { Tables } from '../shelf.js';

/** Exported by default, as a file may have it too. */
const wrote: Migration = {
  up: async (db) => {
    await db.schema.createTable('wrote').addColumn('author', 'varchar(20)').addColumn('book', 'integer').execute();
    await db.withTables<Pick<Tables, 'book'>>().insertInto('book').values({ title: 'Emma', pages: null }).execute();
  },
  down: (db) => db.schema.dropTable('wrote').execute(),
};
export default wrote;
