import Database from 'better-sqlite3';
import { Kysely, type Migration, Migrator, SqliteDialect, sql } from 'kysely';
import { Entity, integer, openSession, SchemaError, text } from 'offthread/orm';
import type { Print } from './program.js';

export class Person extends Entity('person', {
  id: integer().primaryKey(),
  name: text(),
  nickname: text().nullable(),
}) {}

/** In files of a folder, one each, with Kysely's FileMigrationProvider; here in one place. */
const migrations: Record<string, Migration> = {
  '2026-01-01-person': {
    up: (db) =>
      db.schema
        .createTable('person')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .modifyEnd(sql`strict`)
        .execute(),
    down: (db) => db.schema.dropTable('person').execute(),
  },
  '2026-02-01-nickname': {
    up: (db) => db.schema.alterTable('person').addColumn('nickname', 'text').execute(),
    down: (db) => db.schema.alterTable('person').dropColumn('nickname').execute(),
  },
};

/** Kysely with its own dialect on the file: before the pool opens, in the deployment or at the start of the program. */
async function migrate(file: string, print: Print, to?: string): Promise<void> {
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(file) }) });
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
    const { error, results } = to === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(to);
    for (const { migrationName, direction, status } of results ?? []) print(direction, migrationName, status);
    if (error !== undefined) throw error;
  } finally {
    await db.destroy();
  }
}

export async function migrated(file: string, print: Print): Promise<void> {
  await migrate(file, print, '2026-01-01-person');

  // Entities that are ahead of their database are told so by name
  const early = openSession(`sqlite:${file}`);
  try {
    early.query(Person).all();
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    print(error.message);
  } finally {
    early.close();
  }

  await migrate(file, print);
  using session = openSession(`sqlite:${file}`);
  session.add(new Person({ name: 'Ada' }));
  session.commit();
  print(session.query(Person).count());
}
