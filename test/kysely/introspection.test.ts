import { expect } from 'chai';
import type { Kysely } from 'kysely';
import { on } from '../lanes/dialects.js';
import { failureOf } from '../pool/failure.js';
import { onOneLane, type Tables } from './shelf.js';

onOneLane('db.introspection', (shelf, dialect) => {
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

  it('knows the same within a transaction', async () => {
    const { db, own } = shelf();
    const tables = await db.transaction().execute((trx) => trx.introspection.getTables());
    expect(tables).to.deep.equal(await own.introspection.getTables());
  });

  on(dialect, 'sqlite')('sees within a transaction what that has made, and nobody else does', async () => {
    const { db, own } = shelf();
    const names = async ({ introspection }: Kysely<Tables>) =>
      (await introspection.getTables()).map(({ name }) => name);
    const undone = db.transaction().execute(async (trx) => {
      await trx.schema.createTable('fresh').addColumn('id', 'integer').execute();
      expect(await names(trx)).to.include('fresh');
      expect(await names(own)).to.not.include('fresh');
      throw new Error('on purpose');
    });
    expect(await failureOf(undone)).to.have.property('message', 'on purpose');
    expect(await names(db)).to.not.include('fresh');
  });
});
