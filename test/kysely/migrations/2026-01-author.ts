import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createTable('author').addColumn('name', 'varchar(20)').execute();
}
export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('author').execute();
}
