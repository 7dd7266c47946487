import { expect } from 'chai';
import { belongsTo, createTables, decimal, Entity, hasMany, integer, type LocalSession } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';

class Basket extends Entity('basket', { id: integer().primaryKey() }) {
  declare items: Item[];
  static relations = { items: hasMany(() => Item, 'basketId', { orderBy: 'price' }) };
}
class Item extends Entity('item', { id: integer().primaryKey(), basketId: integer('basket_id'), price: decimal() }) {
  declare basket: Basket;
  static relations = { basket: belongsTo(() => Basket, 'basketId') };
}

const PRICES = ['10', '9', '-2.5', '-10', '0.5', '9.25', '100'];
const ASCENDING = ['-10', '-2.5', '0.5', '9', '9.25', '10', '100'];
const prices = (items: readonly Item[]): string[] => items.map(({ price }) => price);

onEach('decimals, which SQLite has as text', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make('');
    session = db.open();
    createTables(session, [Basket, Item]);
    session.add(new Basket({ id: 1 }));
    for (const price of PRICES) session.add(new Item({ basketId: 1, price }));
    session.commit();
    session = db.open();
  });
  afterEach(() => db.close());

  it('stand in the order of their values, in a query and in a relation', () => {
    expect(prices(session.query(Item).orderBy('price').all())).to.deep.equal(ASCENDING);
    expect(prices(session.query(Item).orderBy('price', 'desc').all())).to.deep.equal([...ASCENDING].reverse());
    expect(prices([...session.query(Item).orderBy('price').iterate()])).to.deep.equal(ASCENDING);
    expect(prices(session.get(Basket, 1)?.items ?? [])).to.deep.equal(ASCENDING);
  });

  it('are compared by their values', () => {
    for (const [operator, expected] of [
      ['<', ['-10', '-2.5', '0.5', '9']],
      ['<=', ['-10', '-2.5', '0.5', '9', '9.25']],
      ['>', ['10', '100']],
      ['>=', ['9.25', '10', '100']],
    ] as const)
      expect(prices(session.query(Item).where('price', operator, '9.250').orderBy('price').all())).to.deep.equal(
        expected,
      );
  });

  it('are spelled in memory as they are stored, from the flush on', () => {
    const item = session.add(new Item({ basketId: 1, price: '7.50' }));
    session.flush();
    expect(item.price).to.equal('7.5');
    item.price = '8.10';
    session.flush();
    expect(item.price).to.equal('8.1');
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('are found by their spelling, for which an index serves', () => {
    const statements = db.during(() => {
      expect(prices(session.query(Item).where({ price: '9.250' }).all())).to.deep.equal(['9.25']);
      expect(
        prices(
          session
            .query(Item)
            .where({ price: ['9.0', '10.0'] })
            .all(),
        ),
      ).to.deep.equal(['10', '9']);
    });
    for (const statement of statements) expect(statement).to.match(/ where "price" (?:=|in) /);
  });
});
