// Kysely over a pool: transactions, savepoints, streams. The page is docs/kysely.md.
import { CamelCasePlugin, type Generated, Kysely } from 'kysely';
import { createPool } from 'offthread';
import { OffthreadDialect } from 'offthread/kysely';
import { migrate } from './migrate.js';

interface Database {
  account: { id: Generated<number>; ownerName: string; cents: number };
}

const pool = await createPool({ database: 'sqlite:bank.db' });
const db = new Kysely<Database>({ dialect: new OffthreadDialect(pool), plugins: [new CamelCasePlugin()] });
await migrate(db);

// A query by itself: a plan of its own, as with pool.run. Those that are made together cross together.
const { insertId } = await db.insertInto('account').values({ ownerName: 'Ada', cents: 500 }).executeTakeFirstOrThrow();
await db.insertInto('account').values({ ownerName: 'Bob', cents: 0 }).execute();
console.log(insertId);

// A transaction holds a lane. What it throws undoes it.
await db.transaction().execute(async (trx) => {
  const move = (id: number, cents: number) =>
    trx
      .updateTable('account')
      .set((eb) => ({ cents: eb('cents', '+', cents) }))
      .where('id', '=', id)
      .execute();
  await move(1, -200);
  await move(2, 200);
});

// One that is begun, committed and rolled back by hand, with savepoints.
const trx = await db.startTransaction().setIsolationLevel('serializable').execute();
try {
  const within = await trx.savepoint('before the gift').execute();
  await within.updateTable('account').set({ cents: 1_000_000 }).execute();
  await within.rollbackToSavepoint('before the gift').execute();
  await trx.commit().execute();
} catch (error) {
  await trx.rollback().execute();
  throw error;
}

// Rows as they are taken, 100 at once. A break frees the lane.
for await (const account of db.selectFrom('account').selectAll().orderBy('id').stream(100)) console.log(account);

// The pool is not Kysely's, which leaves it open.
await db.destroy();
await pool.close();
