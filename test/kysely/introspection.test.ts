import { expect } from 'chai';
import { onEach } from './shelf.js';

onEach('db.introspection', (shelf) => {
  before(async () => {
    const { own } = shelf();
    await own.schema
      .createTable('author')
      .addColumn('name', 'varchar(20)', (column) => column.defaultTo('?'))
      .execute();
    await own.schema
      .createView('long_book')
      .as(own.selectFrom('book').select('id').where('pages', '>', 500))
      .execute();
  });

  it("knows the tables and views as Kysely's own dialect does", async () => {
    const { db, own } = shelf();
    const tables = await db.introspection.getTables();
    expect(tables.map(({ name, isView }) => [name, isView])).to.have.deep.members([
      ['author', false],
      ['book', false],
      ['long_book', true],
    ]);
    expect(tables).to.deep.equal(await own.introspection.getTables());
    const book = tables.find(({ name }) => name === 'book');
    expect(book?.columns.map(({ name, isNullable }) => [name, isNullable])).to.deep.include.members([
      ['title', false],
      ['pages', true],
    ]);
  });

  it('knows the schemas, and all of it at once', async () => {
    const { db, own } = shelf();
    expect(await db.introspection.getSchemas()).to.deep.equal(await own.introspection.getSchemas());
    expect(await db.introspection.getMetadata()).to.deep.equal(await own.introspection.getMetadata());
    const all = await db.introspection.getTables({ withInternalKyselyTables: true });
    expect(all).to.deep.equal(await own.introspection.getTables({ withInternalKyselyTables: true }));
  });

  it('sees within a transaction what that has made', async () => {
    const { db } = shelf();
    await db.transaction().execute(async (trx) => {
      const names = (await trx.introspection.getTables()).map(({ name }) => name);
      expect(names).to.include('book');
    });
  });
});
