import { expect } from 'chai';
import { CamelCasePlugin, Kysely, sql as kyselySql } from 'kysely';
import { DatabaseError, sql } from 'offthread';
import { OffthreadDialect } from 'offthread/kysely';
import type { PoolConnection } from '../../lib/kysely/connection.js';
import { failureOf } from '../pool/failure.js';
import { Library } from './library.js';

describe('a query of Kysely', () => {
  let library: Library;
  before(async () => {
    library = await Library.open();
  });
  after(() => library.close());
  const all = () => library.outside.prepare('select title from book order by id').pluck().all();

  it('selects rows, the first, the first or an error', async () => {
    const { db } = library;
    const books = db.selectFrom('book').select(['id', 'title']).where('pages', '>', 100).orderBy('id', 'desc');
    expect(await books.execute()).to.deep.equal([
      { id: 2, title: 'The Lathe' },
      { id: 1, title: 'The Dispossessed' },
    ]);
    expect(await books.executeTakeFirst()).to.deep.equal({ id: 2, title: 'The Lathe' });
    expect(await books.where('id', '=', 99).executeTakeFirst()).to.equal(undefined);
    expect((await failureOf(books.where('id', '=', 99).executeTakeFirstOrThrow())).message).to.equal('no result');
  });

  it('joins, groups and counts', async () => {
    const rows = await library.db
      .selectFrom('author as a')
      .leftJoin('book as b', 'b.author_id', 'a.id')
      .select(({ fn }) => ['a.name', fn.count<number>('b.id').as('books'), fn.max('b.pages').as('longest')])
      .groupBy('a.id')
      .having(({ fn }) => fn.count('b.id'), '>=', 1)
      .orderBy('books', 'desc')
      .execute();
    expect(rows).to.deep.equal([
      { name: 'Ursula', books: 2, longest: 387 },
      { name: 'Samuel', books: 1, longest: null },
    ]);
  });

  it('may have common table expressions, also recursive ones', async () => {
    const { db } = library;
    const rows = await db
      .with('long', (cte) => cte.selectFrom('book').selectAll().where('pages', '>', 200))
      .selectFrom('long')
      .innerJoin('author', 'author.id', 'long.author_id')
      .select(['author.name', 'long.title'])
      .execute();
    expect(rows).to.deep.equal([{ name: 'Ursula', title: 'The Dispossessed' }]);
    const numbers = await db
      .withRecursive('c(n)', (cte) =>
        cte
          .selectNoFrom(sql<number>`1`.as('n'))
          .unionAll(cte.selectFrom('c').select(sql<number>`c.n + 1`.as('n')).where('c.n', '<', 3)),
      )
      .selectFrom('c')
      .select('n')
      .execute();
    expect(numbers).to.deep.equal([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it('inserts and answers with the id and the number, as bigints', async () => {
    const { db } = library;
    const [one] = await db.insertInto('book').values({ author_id: 2, title: 'Roughing It', pages: 590 }).execute();
    expect(one).to.include({ insertId: 4n, numInsertedOrUpdatedRows: 1n });
    const two = await db
      .insertInto('book')
      .values([
        { author_id: 2, title: 'a', pages: null },
        { author_id: 2, title: 'b', pages: 1 },
      ])
      .executeTakeFirst();
    expect(two).to.include({ insertId: 6n, numInsertedOrUpdatedRows: 2n });
    const none = await db
      .insertInto('book')
      .values({ author_id: 2, title: 'a', pages: null })
      .onConflict((conflict) => conflict.column('title').doNothing())
      .executeTakeFirst();
    expect([none?.insertId, none?.numInsertedOrUpdatedRows]).to.deep.equal([undefined, 0n]);
    const returned = await db
      .insertInto('book')
      .values({ author_id: 1, title: 'c', pages: null })
      .returningAll()
      .execute();
    expect(returned).to.deep.equal([{ id: 7, author_id: 1, title: 'c', pages: null }]);
  });

  it('updates and deletes, and answers with the number as a bigint', async () => {
    const { db } = library;
    const updated = await db.updateTable('book').set({ pages: 10 }).where('id', '>', 4).executeTakeFirst();
    expect(updated.numUpdatedRows).to.equal(3n);
    const changed = await db
      .updateTable('book')
      .set({ pages: 11 })
      .where('id', '=', 5)
      .returning(['id', 'pages'])
      .execute();
    expect(changed).to.deep.equal([{ id: 5, pages: 11 }]);
    const gone = await db.deleteFrom('book').where('id', '>', 3).executeTakeFirst();
    expect(gone.numDeletedRows).to.equal(4n);
    expect((await db.deleteFrom('book').where('id', '>', 3).executeTakeFirst()).numDeletedRows).to.equal(0n);
    expect(await db.deleteFrom('book').where('id', '=', 99).returningAll().execute()).to.deep.equal([]);
    expect(all()).to.have.length(3);
  });

  it('may be raw: text of Kysely, and that of offthread', async () => {
    const { db } = library;
    expect(
      await kyselySql<{ n: number }>`select count(*) as n from ${kyselySql.table('book')}`.execute(db),
    ).to.deep.equal({
      rows: [{ n: 3 }],
    });
    expect(await sql<{ name: string }>`select name from author where id = ${1}`.execute(db)).to.deep.equal({
      rows: [{ name: 'Ursula' }],
    });
    const changed = await kyselySql`update book set pages = 200 where id = 2`.execute(db);
    expect(changed).to.deep.include({ rows: [], numAffectedRows: 1n });
    const { rows } = await kyselySql`insert into book (id, author_id, title) values (50, 1, 'x') returning id`.execute(
      db,
    );
    expect(rows).to.deep.equal([{ id: 50 }]);
    expect(await kyselySql`delete from book where id = 50`.execute(db)).to.deep.include({ numAffectedRows: 1n });
  });

  it('defines tables and indexes', async () => {
    const { db } = library;
    const schema = (db as unknown as Kysely<Record<string, Record<string, unknown>>>).schema;
    await schema
      .createTable('tag')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .execute();
    await schema.createIndex('by_pages').on('book').column('pages').execute();
    await schema.alterTable('tag').addColumn('color', 'text').execute();
    expect(await sql`select * from tag`.execute(db)).to.deep.equal({ rows: [] });
    await schema.dropIndex('by_pages').execute();
    await schema.dropTable('tag').execute();
    expect(await failureOf(sql`select * from tag`.execute(db))).to.include({ kind: 'syntax' });
  });

  it('is a plan: pool.run takes it, built or compiled, alone and in a list', async () => {
    const { db, pool } = library;
    const query = db.selectFrom('author').select('name').where('id', '=', 1);
    expect(await pool.run(query)).to.deep.equal([{ name: 'Ursula' }]);
    expect(await pool.run(query.compile())).to.deep.equal([{ name: 'Ursula' }]);
    const insert = db.insertInto('book').values({ author_id: 1, title: 'planned', pages: 1 });
    const [rows, changes, count] = await pool.run([query, insert, sql<{ n: number }>`select count(*) as n from book`]);
    expect(rows).to.deep.equal([{ name: 'Ursula' }]);
    expect(changes).to.deep.equal({ changes: 1, insertId: 4 });
    expect(count).to.deep.equal([{ n: 4 }]);
    expect(await pool.run(db.deleteFrom('book').where('title', '=', 'planned'))).to.deep.equal({
      changes: 1,
      insertId: undefined,
    });
  });

  it('binds its values: objects and undefined are refused with their place', async () => {
    const { db } = library;
    const title = `it's; drop table book; --`;
    expect(await db.selectFrom('book').selectAll().where('title', '=', title).execute()).to.deep.equal([]);
    for (const [value, shown] of [
      [{ a: 1 }, 'an object (Object)'],
      [undefined, 'undefined'],
    ] as const) {
      const query = db
        .selectFrom('book')
        .select('id')
        .where('id', '=', 1)
        .where('title', '=', value as never);
      expect((await failureOf(query.execute())).message).to.equal(
        `Parameter 2 of select "id" from "book" where "id" = ? and "title" = ? takes a string, number, bigint, boolean, null, Date or Uint8Array, not ${shown}.`,
      );
    }
  });

  it('fails with an error of the database, and the stack of its caller', async () => {
    async function handler() {
      await library.db.insertInto('book').values({ author_id: 99, title: 'x', pages: null }).execute();
    }
    const error = await failureOf(handler());
    expect(error).to.be.instanceOf(DatabaseError).and.include({
      kind: 'foreign-key',
      sql: 'insert into "book" ("author_id", "title", "pages") values (?, ?, ?)',
    });
    expect(error.stack).to.match(/ at async handler \(.*queries\.test\.js:/);
  });

  it('goes through plugins, logs and events of Kysely', async () => {
    const logged: string[] = [];
    const db = new Kysely<{ book: { id: number; authorId: number } }>({
      dialect: new OffthreadDialect(library.pool),
      plugins: [new CamelCasePlugin()],
      log: ({ level, query }) => void logged.push(`${level}: ${query.sql}`),
    });
    expect(await db.selectFrom('book').select('authorId').where('id', '=', 3).execute()).to.deep.equal([
      { authorId: 2 },
    ]);
    expect(logged).to.deep.equal(['query: select "author_id" from "book" where "id" = ?']);
  });

  it('runs with the options of the pool that it was given', async () => {
    const controller = new AbortController();
    const dialect = new OffthreadDialect(library.pool.with({ signal: controller.signal }));
    const db = new Kysely<{ book: { id: number } }>({ dialect });
    expect(await db.selectFrom('book').select('id').where('id', '=', 1).execute()).to.deep.equal([{ id: 1 }]);
    controller.abort(new Error('the request is over'));
    expect((await failureOf(db.selectFrom('book').select('id').execute())).message).to.equal('the request is over');
  });

  it('is cancelled by its signal, after which there is nothing left to cancel', async () => {
    const db = new Kysely({ dialect: new OffthreadDialect(library.pool) });
    const controller = new AbortController();
    const query = sql`select 1 as one`.compile(db);
    await db.getExecutor().provideConnection(async (kept) => {
      // As Kysely 0.29 does for `inflightQueryAbortStrategy: 'cancel query'`.
      const connection = kept as PoolConnection;
      const pending = failureOf(connection.executeQuery(query, { signal: controller.signal }));
      controller.abort(new Error('the request is over'));
      await connection.cancelQuery();
      expect((await pending).message).to.equal('the request is over');
      expect((await connection.executeQuery(query)).rows).to.deep.equal([{ one: 1 }]);
    });
  });
});
