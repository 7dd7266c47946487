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
        (await kysely.updateTable('book').set({ pages: 2 }).where('id', '>', 1).executeTakeFirst()).numUpdatedRows,
        await kysely.deleteFrom('book').where('id', '=', 3).executeTakeFirst(),
        await kysely.selectFrom('book').selectAll().orderBy('id').execute(),
      ].map((each) => JSON.stringify(each, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)));
    };
    const ours = await answers(db);
    expect(ours).to.deep.equal(await answers(own));
    expect(ours[0]).to.equal('{"insertId":"1n","numInsertedOrUpdatedRows":"1n"}');
  });
});
