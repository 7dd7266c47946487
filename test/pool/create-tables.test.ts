import { expect } from 'chai';
import { DatabaseError, type Pool, SchemaError } from 'offthread';
import { Shop } from './shop.js';
import type * as units from './table-units.js';

const options = { units: new URL('./table-units.js', import.meta.url), threads: 2 };

describe('tables that a unit makes', () => {
  let shop: Shop;
  let pool: Pool<typeof units>;
  before(async () => {
    shop = new Shop('');
    pool = await shop.open<typeof units>(options);
  });
  afterEach(() => {
    for (const name of tables()) shop.outside.exec(`drop table ${name}`);
  });
  after(() => shop[Symbol.asyncDispose]());
  const tables = () => shop.outside.prepare('select name from sqlite_schema').pluck().all();

  it('are there for all lanes once it is fulfilled, and gone when another has dropped them', async () => {
    await pool.run('setUp');
    expect(await pool.run('names')).to.deep.equal([]);
    expect((await pool.run('add', ['Ada'])).id).to.equal(1);
    expect(await pool.run('names')).to.deep.equal(['Ada']);
    await pool.run('tearDown');
    expect(tables()).to.deep.equal([]);
  });

  it('are made as a whole or not at all', async () => {
    shop.outside.exec('create table address (id integer primary key)');
    const error = await pool.run('setUp').catch((thrown) => thrown);
    expect(error).to.be.instanceOf(DatabaseError).and.have.property('message').that.includes('already exists');
    expect(tables()).to.deep.equal(['address']);
  });

  it('are missed by their name, also across the threads', async () => {
    // Of its own: one that has had them before would take the database's word.
    await using shop = new Shop('');
    const pool = await shop.open<typeof units>({ ...options, threads: 1 });

    const error = await pool.run('names').catch((thrown) => thrown);
    expect(error).to.be.instanceOf(SchemaError).and.deep.include({
      code: 'OFFTHREAD_SCHEMA',
      entity: 'User',
      table: 'user',
      columns: [],
    });
  });
});
