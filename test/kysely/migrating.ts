// A process of its own that migrates: the database is its first argument, what it does in the middle the second.
import { Kysely, Migrator, sql } from 'kysely';
import { createPool } from 'offthread';
import { OffthreadDialect } from 'offthread/kysely';

const [, , database, behaviour] = process.argv;
// Much less than a migration takes.
const sqlite = database?.startsWith('sqlite') ? { busyTimeout: 100 } : undefined;
const pool = await createPool({ database: database as string, threads: 1, sqlite });
// biome-ignore lint/suspicious/noExplicitAny: as migrations of Kysely have it
const db = new Kysely<any>({ dialect: new OffthreadDialect(pool) });

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const migrations = {
  '1_first': {
    up: async (at: Kysely<unknown>) => {
      await at.schema.createTable('ran').addColumn('who', 'integer').execute();
      await pause(300);
      await sql`insert into ran values (${process.pid})`.execute(at);
    },
  },
  '2_second': {
    up: async (at: Kysely<unknown>) => {
      await sql`insert into ran values (${process.pid})`.execute(at);
      console.log('in the middle');
      if (behaviour === 'hang') await pause(60_000);
    },
  },
};
const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
console.log('begins');
const { error, results } = await migrator.migrateToLatest();
if (error !== undefined) console.log(`failed: ${String(error)}`);
else console.log(`done: ${results?.length}`);
await pool.close();
