import { expect } from 'chai';
import {
  belongsTo,
  CallError,
  Entity,
  hasMany,
  integer,
  type LocalSession,
  StaleEntityError,
  text,
} from '../../lib/orm/index.js';
import { City, Country, SCHEMA } from './atlas.js';
import { onEach, type TestDatabase } from './database.js';

class Bill extends Entity('bill', { id: integer().primaryKey(), state: text(), version: integer().version() }) {
  declare items: Item[];
  static relations = { items: hasMany(() => Item, 'billId') };
}
class Item extends Entity('item', {
  id: integer().primaryKey(),
  billId: integer('bill_id'),
  amount: integer(),
  version: integer().version(),
}) {
  declare bill: Bill;
  static relations = { bill: belongsTo(() => Bill, 'billId') };
}

onEach('merge', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  it('changes the entity with the key of a plain object, and only what that says', () => {
    const wien = session.merge(City, { id: 2, size: 2005 });

    expect(wien).to.equal(session.get(City, 2));
    expect([wien.name, wien.size]).to.deep.equal(['Wien', 2005]);
    expect(db.during(() => session.commit())).to.deep.equal(['update "city" set "size" = ? where "id" = ?']);
  });

  it('adds what is not there, with its key or without one', () => {
    session.merge(City, { id: 70, name: 'Linz', countryCode: 'AT' });
    const steyr = session.merge(City, { name: 'Steyr', countryCode: 'AT' });
    session.commit();

    expect(steyr.id).to.equal(71);
    expect(db.rows('select name from city where id >= 70')).to.deep.equal([['Linz'], ['Steyr']]);
  });

  it('brings relations along: members that stay, that are new, and that are gone', () => {
    const austria = session.merge(Country, {
      code: 'AT',
      cities: [{ id: 2, name: 'Vienna' }, { name: 'Linz' }],
      languages: [{ id: 1 }, { name: 'Croatian' }],
      flag: { countryCode: 'AT', colours: 'red' },
    });
    session.commit();

    expect(db.rows("select name from city where country_code = 'AT' order by id")).to.deep.equal([
      ['Vienna'],
      ['Linz'],
    ]);
    expect(db.rows("select count(*) from spoken where country_code = 'AT'")).to.deep.equal([[2]]);
    expect(austria.flag?.colours).to.equal('red');
  });

  it('takes an object that stands in it twice, or in a circle, once', () => {
    const linz: Record<string, unknown> = { name: 'Linz' };
    const malta = { code: 'MT', name: 'Malta', cities: [linz] };
    linz.country = malta;
    session.merge(Country, malta);
    session.commit();

    expect(db.rows("select name from city where country_code = 'MT'")).to.deep.equal([['Linz']]);
  });

  it('takes two objects with one new key as one', () => {
    session.merge(Country, {
      code: 'XX',
      name: 'X',
      neighbours: [{ code: 'YY', name: 'Y', neighbours: [{ code: 'XX' }] }],
    });
    session.commit();

    expect(db.rows("select * from border where country_code in ('XX', 'YY') order by 1")).to.deep.equal([
      ['XX', 'YY'],
      ['YY', 'XX'],
    ]);
  });

  it('takes an entity of another session as what it says, with the relations that are loaded', () => {
    const other = db.open();
    const austria = other.get(Country, 'AT') as Country;
    austria.name = 'Österreich';
    void austria.cities;
    const merged = session.merge(Country, austria);

    expect(merged).to.not.equal(austria);
    session.commit();
    expect(db.rows("select name from country where code = 'AT'")).to.deep.equal([['Österreich']]);
  });

  it('changes nothing where the row of one object has changed since it was loaded', () => {
    db.outside.exec(`create table bill (id integer primary key, state text not null, version integer not null);
      create table item (id integer primary key, bill_id integer not null, amount integer not null, version integer not null)`);
    db.outside.exec("insert into bill values (1, 'open', 1)");
    db.outside.exec('insert into item values (1, 1, 1, 1), (2, 1, 1, 2)');
    const edited = {
      id: 1,
      state: 'paid',
      version: 1,
      items: [{ id: 1, amount: 10, version: 1 }, { id: 2, amount: 20, version: 1 }, { amount: 30 }],
    };
    expect(() => session.merge(Bill, edited)).to.throw(StaleEntityError, 'The row of Item 2 has changed');
    expect(db.during(() => session.commit())).to.deep.equal([]);
    expect(() =>
      session.merge(Bill, { id: 1, state: 'paid', items: [{ id: 1, amount: 10 }, { sum: 1 }] } as never),
    ).to.throw(CallError, "Item has no column or relation 'sum'");
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('refuses what the entity does not have, and says which was meant', () => {
    expect(() => session.merge(City, { id: 2, nam: 'x' } as never)).to.throw(
      CallError,
      "merge(): City has no column or relation 'nam'. Did you mean 'name'?",
    );
    const polluted = JSON.parse('{ "id": 2, "__proto__": { "isAdmin": true } }');
    expect(() => session.merge(City, polluted)).to.throw(CallError, "'__proto__'");
    expect(() => session.merge(City, 2 as never)).to.throw(TypeError, 'merge(City, …) takes a plain object');
    expect(() => session.merge(Country, { code: 'AT', cities: {} } as never)).to.throw(TypeError, 'Country.cities');
  });
});
