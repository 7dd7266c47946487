import { expect } from 'chai';
import { type Kysely, Migrator } from 'kysely';
import { sql } from 'offthread';
import { failureOf } from '../pool/failure.js';
import { Library } from './library.js';

const wayOut = 'Until then a unit, or a list of plans given to pool.run, is one transaction.';

describe('OffthreadDialect', () => {
  let library: Library;
  before(async () => {
    library = await Library.open();
  });
  after(() => library.close());

  it('lets queries run beside each other: those of one turn cross together', async () => {
    const { db, pool } = library;
    const before = pool.stats().batches;
    const ids = Array.from({ length: 40 }, (_, i) => (i % 3) + 1);
    const answers = await Promise.all(
      ids.map((id) => db.selectFrom('book').select('id').where('id', '=', id).executeTakeFirstOrThrow()),
    );
    expect(answers.map(({ id }) => id)).to.deep.equal(ids);
    // Two readers, and some turns more or less: served one after the other they would be forty.
    expect(pool.stats().batches - before).to.be.lessThan(20);
  });

  it('does not let a short query wait for a long one', async () => {
    const { db } = library;
    const order: string[] = [];
    const long = sql`with recursive c(n) as (select 1 union all select n + 1 from c limit 3000000) select count(*) as n from c`;
    await Promise.all([
      long.execute(db).then(() => order.push('long')),
      db
        .selectFrom('book')
        .select('id')
        .execute()
        .then(() => order.push('short')),
    ]);
    expect(order).to.deep.equal(['short', 'long']);
  });

  for (const [what, attempt] of [
    ['transaction()', (db: Library['db']) => db.transaction().execute((trx) => trx.deleteFrom('book').execute())],
    ['startTransaction()', (db: Library['db']) => db.startTransaction().execute()],
  ] as const) {
    it(`says that ${what} comes later, and changes nothing`, async () => {
      const error = await failureOf(attempt(library.db));
      expect(error.message).to.equal(`A transaction through Kysely is not there yet. ${wayOut}`);
      expect(error).to.include({ name: 'NotSupportedError', code: 'OFFTHREAD_NOT_SUPPORTED' });
      expect(await library.db.selectFrom('book').select('id').execute()).to.have.length(3);
    });
  }

  it('says that stream() comes later', async () => {
    const read = async () => {
      for await (const row of library.db.selectFrom('book').selectAll().stream()) expect(row).to.equal(undefined);
    };
    const error = await failureOf(read());
    expect(error.message).to.equal(`Streaming through Kysely is not there yet. ${wayOut}`);
    expect(error).to.include({ name: 'NotSupportedError', code: 'OFFTHREAD_NOT_SUPPORTED' });
  });

  it('tells the tables and columns', async () => {
    const tables = await library.db.introspection.getTables();
    expect(tables.map(({ name }) => name)).to.deep.equal(['author', 'book']);
    const book = tables.find(({ name }) => name === 'book');
    expect(book?.columns.map(({ name, dataType, isNullable }) => [name, dataType, isNullable])).to.deep.equal([
      ['id', 'INTEGER', true],
      ['author_id', 'INTEGER', false],
      ['title', 'TEXT', false],
      ['pages', 'INTEGER', true],
    ]);
  });

  it('carries migrations', async () => {
    const migrations = {
      '1_shelf': {
        up: (db: Kysely<unknown>) => db.schema.createTable('shelf').addColumn('id', 'integer').execute(),
        down: (db: Kysely<unknown>) => db.schema.dropTable('shelf').execute(),
      },
    };
    const migrator = new Migrator({ db: library.db, provider: { getMigrations: () => Promise.resolve(migrations) } });
    const { error, results } = await migrator.migrateToLatest();
    expect(error).to.equal(undefined);
    expect(results).to.deep.equal([{ migrationName: '1_shelf', direction: 'Up', status: 'Success' }]);
    expect(await sql`select * from shelf`.execute(library.db)).to.deep.equal({ rows: [] });
    await migrator.migrateDown();
    expect(await failureOf(sql`select * from shelf`.execute(library.db))).to.include({ kind: 'syntax' });
  });

  it('may hold a connection: each query in it is still one of its own', async () => {
    const rows = await library.db.connection().execute((db) => db.selectFrom('author').select('id').execute());
    expect(rows).to.deep.equal([{ id: 1 }, { id: 2 }]);
  });

  it('leaves the pool open when Kysely is destroyed', async () => {
    const { pool, db } = library;
    await db.destroy();
    expect(await pool.run(sql`select 1 as one`)).to.deep.equal([{ one: 1 }]);
  });
});
