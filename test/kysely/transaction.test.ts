import { expect } from 'chai';
import { Kysely, sql } from 'kysely';
import { CallError, DatabaseError } from 'offthread';
import { OffthreadDialect } from 'offthread/kysely';
import { on } from '../lanes/dialects.js';
import { failureOf } from '../pool/failure.js';
import { heldLanes, noneHeld, onEach, type Tables } from './shelf.js';

onEach('db.transaction()', (shelf, dialect) => {
  const add = (db: Kysely<Tables>, title: string) => db.insertInto('book').values({ title }).execute();

  it('commits what its function did, and answers with what it returned', async () => {
    const { db, pool, titles } = shelf();
    const answer = await db.transaction().execute(async (trx) => {
      expect(trx.isTransaction).to.equal(true);
      await add(trx, 'Emma');
      expect(heldLanes(pool)).to.equal(1);
      await add(trx, 'Persuasion');
      expect(await titles()).to.deep.equal([]);
      expect(await trx.selectFrom('book').select('title').orderBy('title').execute()).to.have.length(2);
      return 'done';
    });
    expect(answer).to.equal('done');
    expect(await titles()).to.deep.equal(['Emma', 'Persuasion']);
    await noneHeld(pool);
  });

  it('rolls back where its function throws, with the error that it threw', async () => {
    const { db, pool, titles } = shelf();
    const reason = new Error('no');
    const failed = db.transaction().execute(async (trx) => {
      await add(trx, 'Emma');
      throw reason;
    });
    expect(await failureOf(failed)).to.equal(reason);
    expect(await titles()).to.deep.equal([]);
    await noneHeld(pool);
  });

  it('answers with the ids and numbers of its changes', async () => {
    const { db } = shelf();
    await db.transaction().execute(async (trx) => {
      const { insertId } = await trx.insertInto('book').values({ title: 'Emma' }).executeTakeFirstOrThrow();
      expect(insertId).to.be.a('bigint');
      const book = trx.updateTable('book').where('id', '=', Number(insertId));
      expect((await book.set({ pages: 3 }).executeTakeFirst()).numUpdatedRows).to.equal(1n);
      expect((await trx.deleteFrom('book').executeTakeFirst()).numDeletedRows).to.equal(1n);
    });
  });

  it('goes on behind a statement that failed, which undid itself alone', async () => {
    const { db, titles } = shelf();
    await db.transaction().execute(async (trx) => {
      await add(trx, 'Emma');
      const error = await failureOf(add(trx, 'Emma'));
      expect(error).to.be.instanceOf(DatabaseError).and.include({ kind: 'unique' });
      await add(trx, 'Persuasion');
    });
    expect(await titles()).to.deep.equal(['Emma', 'Persuasion']);
  });

  it('is refused within another, as Kysely does, and after its end', async () => {
    const { db, pool } = shelf();
    let kept: Kysely<Tables> | undefined;
    await db.transaction().execute(async (trx) => {
      kept = trx;
      const error = await failureOf(async () => trx.transaction().execute(() => Promise.resolve()));
      expect(error.message).to.equal('calling the transaction method for a Transaction is not supported');
    });
    expect((await failureOf(add(kept as Kysely<Tables>, 'late'))).message).to.equal('Transaction is already committed');
    await noneHeld(pool);
  });

  for (const level of ['read uncommitted', 'read committed', 'repeatable read', 'serializable'] as const)
    it(`may be of isolation level ${level}`, async () => {
      const { db, own } = shelf();
      const pages = () => db.transaction().setIsolationLevel(level);
      const seen = await pages().execute(async (trx) => {
        const count = async () => (await trx.selectFrom('book').select('id').execute()).length;
        const before = await count();
        if (dialect === 'mysql' && level !== 'serializable') await add(own, 'Emma');
        return [before, await count()];
      });
      const seesOthers = dialect === 'mysql' && level.startsWith('read');
      expect(seen).to.deep.equal([0, seesOthers ? 1 : 0]);
    });

  it('refuses an isolation level that the database does not have, and holds nothing', async () => {
    const { db, pool } = shelf();
    const error = await failureOf(
      db
        .transaction()
        .setIsolationLevel('snapshot')
        .execute(() => Promise.resolve()),
    );
    expect(error).to.be.instanceOf(RangeError).and.include({ code: 'OFFTHREAD_OPTION', option: 'isolationLevel' });
    expect(error.message).to.equal(
      "isolationLevel must be one of 'read uncommitted', 'read committed', 'repeatable read', 'serializable', not 'snapshot'.",
    );
    await noneHeld(pool);
  });

  it("only reads with access mode 'read only', beside one that writes", async () => {
    const { db, titles } = shelf();
    await db.transaction().execute(async (writing) => {
      await add(writing, 'Emma');
      const error = await failureOf(
        db
          .transaction()
          .setAccessMode('read only')
          .execute(async (reading) => {
            expect(await reading.selectFrom('book').selectAll().execute()).to.deep.equal([]);
            await add(reading, 'Persuasion');
          }),
      );
      expect(error).to.include({ name: 'ReadOnlyError', code: 'OFFTHREAD_READ_ONLY' });
    });
    expect(await titles()).to.deep.equal(['Emma']);
  });

  it('runs beside plain queries, which hold nothing', async () => {
    const { db, pool } = shelf();
    await db.transaction().execute(async (trx) => {
      await add(trx, 'Emma');
      const before = pool.stats();
      expect(await db.selectFrom('book').selectAll().execute()).to.deep.equal([]);
      expect(pool.stats().batches - before.batches).to.equal(1);
      expect(heldLanes(pool)).to.equal(1);
    });
  });

  it('waits for its turn: each of many finds what the one before it has left', async () => {
    const { db } = shelf();
    await add(db, 'Emma');
    const turn = () =>
      db.transaction().execute(async (trx) => {
        const { pages } = await (dialect === 'mysql' ? trx.selectFrom('book').forUpdate() : trx.selectFrom('book'))
          .select('pages')
          .executeTakeFirstOrThrow();
        await trx
          .updateTable('book')
          .set({ pages: (pages ?? 0) + 1 })
          .execute();
      });
    await Promise.all(Array.from({ length: 6 }, turn));
    expect(await db.selectFrom('book').select('pages').execute()).to.deep.equal([{ pages: 6 }]);
  });

  it('ends when nothing was asked of it for idleTimeout, and says so', async () => {
    const { open, titles } = shelf();
    const db = await open({}, { idleTimeout: 50 });
    const error = await failureOf(
      db.transaction().execute(async (trx) => {
        await add(trx, 'Emma');
        await new Promise((resolve) => setTimeout(resolve, 400));
        await add(trx, 'Persuasion');
      }),
    );
    expect(error).to.include({ name: 'LeaseEndedError', reason: 'idle', outcome: 'not-committed' });
    expect(await titles()).to.deep.equal([]);
    await noneHeld(db.pool);
  });

  it('undoes a statement that was aborted, and that alone', async () => {
    const { db, titles } = shelf();
    const reason = new Error('the request is over');
    await db.transaction().execute(async (trx) => {
      await add(trx, 'Emma');
      const insert = trx.insertInto('book').values({ title: 'Persuasion' }).compile();
      // As newer versions of Kysely hand it on.
      const aborted = trx.getExecutor().provideConnection((connection) => {
        const execute: (query: typeof insert, options: object) => Promise<unknown> =
          connection.executeQuery.bind(connection);
        return execute(insert, { signal: AbortSignal.abort(reason) });
      });
      expect(await failureOf(aborted)).to.equal(reason);
    });
    expect(await titles()).to.deep.equal(['Emma']);
  });

  it('ends by the signal of the pool with which its Kysely was made: rolled back, and told the reason', async () => {
    const { pool, titles } = shelf();
    const controller = new AbortController();
    const mine = pool.with({ signal: controller.signal });
    const db = new Kysely<Tables>({ dialect: new OffthreadDialect(mine) });
    await db.transaction().execute((trx) => add(trx, 'Emma'));
    const reason = new Error('the request is over');
    const left = failureOf(
      db.transaction().execute(async (trx) => {
        await add(trx, 'Persuasion');
        controller.abort(reason);
        await add(trx, 'Sanditon');
      }),
    );
    expect(await left).to.equal(reason);
    await noneHeld(pool);
    expect(await titles()).to.deep.equal(['Emma']);
  });

  it('is refused over a lease, which is one already, and whose queries go into that', async () => {
    const { pool, titles } = shelf();
    await pool.transaction(async (tx) => {
      const db = new Kysely<Tables>({ dialect: new OffthreadDialect(tx) });
      await add(db, 'Emma');
      const error = await failureOf(db.transaction().execute((trx) => add(trx, 'Persuasion')));
      expect(error).to.be.instanceOf(CallError);
      expect(error.message).to.equal(
        'Kysely over a lease: a transaction holds a lane, and a lease is one already. ' +
          'Give the dialect the pool, new OffthreadDialect(pool), or do without the transaction.',
      );
      expect(await titles()).to.deep.equal([]);
    });
    expect(await titles()).to.deep.equal(['Emma']);
  });

  on(dialect, 'sqlite')('refuses a write beside it that would wait for its end for ever', async () => {
    const { db, titles } = shelf();
    const error = await failureOf(
      db.transaction().execute(async (trx) => {
        await add(trx, 'Emma');
        await add(db, 'Persuasion');
      }),
    );
    expect(error).to.include({ name: 'LeaseDeadlockError', code: 'OFFTHREAD_LEASE_DEADLOCK' });
    expect(await titles()).to.deep.equal([]);
  });

  on(dialect, 'sqlite')('is undone where the database refuses its COMMIT, and fails with what that says', async () => {
    const { db, own, pool } = shelf();
    await sql`create table page (book integer references book deferrable initially deferred)`.execute(own);
    const error = await failureOf(db.transaction().execute((trx) => sql`insert into page values (99)`.execute(trx)));
    expect(error).to.be.instanceOf(DatabaseError).and.include({ kind: 'foreign-key', outcome: 'not-committed' });
    expect((await sql`select * from page`.execute(own)).rows).to.deep.equal([]);
    await noneHeld(pool);
  });

  on(dialect, 'mysql')('is told when its connection was lost', async () => {
    const { db, own, titles, pool } = shelf();
    const error = await failureOf(
      db.transaction().execute(async (trx) => {
        await add(trx, 'Emma');
        const { rows } = await sql<{ id: number }>`select connection_id() as id`.execute(trx);
        await sql`kill ${sql.lit(rows[0]?.id)}`.execute(own);
        await add(trx, 'Persuasion');
      }),
    );
    expect(error).to.be.instanceOf(DatabaseError).and.include({ kind: 'connection' });
    expect(await titles()).to.deep.equal([]);
    await db.transaction().execute((trx) => add(trx, 'again'));
    expect(await titles()).to.deep.equal(['again']);
    await noneHeld(pool);
  });
});
