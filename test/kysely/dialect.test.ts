import { expect } from 'chai';
import { sql } from 'offthread';
import { OffthreadDialect } from 'offthread/kysely';
import { failureOf } from '../pool/failure.js';
import { Library } from './library.js';

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

  it('leaves the pool open when Kysely is destroyed', async () => {
    const { pool, db } = library;
    await db.destroy();
    expect(await pool.run(sql`select 1 as one`)).to.deep.equal([{ one: 1 }]);
  });

  it('takes how long a transaction may be held, and no other option', async () => {
    const { pool } = library;
    const wrong = (options: object) => failureOf(() => new OffthreadDialect(pool, options));
    expect(await wrong({ idleTimeout: 0 })).to.include({ name: 'RangeError', option: 'idleTimeout' });
    expect(await wrong({ totalTimeout: '1s' })).to.include({ name: 'TypeError', option: 'totalTimeout' });
    const error = await wrong({ idleTimout: 5 });
    expect(error.message).to.equal("OffthreadDialect has no option 'idleTimout'. Did you mean 'idleTimeout'?");
  });
});
