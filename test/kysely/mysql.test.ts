import { expect } from 'chai';
import { type Generated, Kysely, MysqlDialect, sql as text } from 'kysely';
import { createPool as createMysqlPool } from 'mysql2';
import { createPool, type Pool } from 'offthread';
import { OffthreadDialect } from 'offthread/kysely';
import { sharedServer, type TestServer } from '../mysql/server.js';

interface Tables {
  book: { id: Generated<number>; title: string; pages: number | null };
}

describe('OffthreadDialect on MySQL', () => {
  let server: TestServer;
  let pool: Pool;
  let db: Kysely<Tables>;
  /** Kysely's own dialect, on mysql2. */
  let own: Kysely<Tables>;

  before(async () => {
    server = await sharedServer();
    await server.makeDatabase('kysely');
    pool = await createPool({ database: server.url('kysely'), threads: 2 });
    db = new Kysely<Tables>({ dialect: new OffthreadDialect(pool) });
    const { host, port, user, password } = server;
    own = new Kysely<Tables>({
      dialect: new MysqlDialect({ pool: createMysqlPool({ host, port, user, password, database: 'kysely' }) }),
    });
    await db.schema
      .createTable('book')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('title', 'varchar(100)', (column) => column.notNull())
      .addColumn('pages', 'integer')
      .execute();
  });
  beforeEach(() => text`truncate table book`.execute(db));
  after(async () => {
    await pool.close();
    await own.destroy();
  });

  it('compiles in the dialect of the pool', () => {
    expect(pool.dialect).to.equal('mysql');
    expect(db.selectFrom('book').select('title').where('id', '=', 7).compile().sql).to.equal(
      'select `title` from `book` where `id` = ?',
    );
  });

  it("answers as Kysely's own dialect does", async () => {
    const answers = async (kysely: Kysely<Tables>) => {
      await text`truncate table book`.execute(db);
      return [
        await kysely.insertInto('book').values({ title: 'Emma', pages: 300 }).executeTakeFirst(),
        await kysely
          .insertInto('book')
          .values([{ title: 'a' }, { title: 'b' }])
          .executeTakeFirst(),
        await kysely.insertInto('book').ignore().values({ id: 1, title: 'again' }).executeTakeFirst(),
        await kysely
          .insertInto('book')
          .values({ id: 1, title: 'again' })
          .onDuplicateKeyUpdate({ pages: 301 })
          .executeTakeFirst(),
        await kysely.updateTable('book').set({ pages: 2 }).where('id', '>', 1).executeTakeFirst(),
        await kysely.deleteFrom('book').where('id', '=', 3).executeTakeFirst(),
        await kysely.selectFrom('book').selectAll().orderBy('id').execute(),
      ].map(written);
    };
    const ours = await answers(db);
    expect(ours).to.deep.equal(await answers(own));
    expect(ours[0]).to.equal('{"insertId":"1n","numInsertedOrUpdatedRows":"1n"}');
  });

  it('tells how many rows an update has found, and how many of them it has changed', async () => {
    const answers = async (kysely: Kysely<Tables>) => {
      await text`truncate table book`.execute(db);
      await kysely
        .insertInto('book')
        .values([
          { title: 'a', pages: 1 },
          { title: 'b', pages: 2 },
          { title: 'c', pages: 2 },
        ])
        .execute();
      const toTwo = kysely.updateTable('book').set({ pages: 2 });
      return [
        await toTwo.executeTakeFirst(),
        await toTwo.executeTakeFirst(),
        await toTwo.where('id', '=', 99).executeTakeFirst(),
        await kysely.transaction().execute((trx) => trx.updateTable('book').set({ pages: 3 }).executeTakeFirst()),
        await text`update book as a join book as b on a.id = b.id set a.title = ' changed: 7', b.pages = 4`.execute(
          kysely,
        ),
        await text`update book set pages = ${5} where id = 1 -- a text`.execute(kysely),
        await text`insert into book (title) values ('d'), ('e')`.execute(kysely),
        await text`delete from book where id = 4`.execute(kysely),
        await text`create or replace view books as select * from book`.execute(kysely),
      ].map(written);
    };
    const ours = await answers(db);
    expect(ours).to.deep.equal(await answers(own));
    expect(ours.slice(0, 4)).to.deep.equal([
      '{"numUpdatedRows":"3n","numChangedRows":"1n"}',
      '{"numUpdatedRows":"3n","numChangedRows":"0n"}',
      '{"numUpdatedRows":"0n","numChangedRows":"0n"}',
      '{"numUpdatedRows":"3n","numChangedRows":"3n"}',
    ]);
  });

  it('tells them to whoever asks the pool, alone, in a list or with a report; of other statements it has no such number', async () => {
    await db.insertInto('book').values({ title: 'a', pages: 1 }).execute();
    const update = (pages: number) => db.updateTable('book').set({ pages });
    expect(await pool.run(update(1))).to.deep.equal({ changes: 1, insertId: undefined, changedRows: 0 });
    expect(await pool.run(update(2))).to.deep.equal({ changes: 1, insertId: undefined, changedRows: 1 });
    expect(await pool.run([update(2), update(3), db.deleteFrom('book')])).to.deep.equal([
      { changes: 1, insertId: undefined, changedRows: 0 },
      { changes: 1, insertId: undefined, changedRows: 1 },
      { changes: 1, insertId: undefined },
    ]);
    expect((await pool.run(update(4), { report: true })).result).to.deep.equal({
      changes: 0,
      insertId: undefined,
      changedRows: 0,
    });
  });
});

/** As JSON, in which no bigint stands. */
const written = (each: unknown): string =>
  JSON.stringify(each, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
