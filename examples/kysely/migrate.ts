import { type Kysely, type Migration, Migrator } from 'kysely';

const migrations: Record<string, Migration> = {
  '2026-01-31 accounts': {
    up: (db) =>
      db.schema
        .createTable('account')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('owner_name', 'text', (column) => column.notNull())
        .addColumn('cents', 'integer', (column) => column.notNull())
        .execute(),
    down: (db) => db.schema.dropTable('account').execute(),
  },
};

/** May be called by every process that starts: one of them migrates, the others wait for it. */
export async function migrate<Database>(db: Kysely<Database>): Promise<void> {
  const provider = { getMigrations: () => Promise.resolve(migrations) };
  const { error } = await new Migrator({ db: db.withoutPlugins(), provider }).migrateToLatest();
  if (error !== undefined) throw error;
}
