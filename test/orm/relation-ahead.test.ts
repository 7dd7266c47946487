import { expect } from 'chai';
import { LazyLoadRefusedError, type LocalSession } from '../../lib/orm/index.js';
import { SCHEMA as ATLAS, City, Country, Street } from './atlas.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

const inPlaces = (sql: string[]) => sql.map((each) => [/from "(\w+)"/.exec(each)?.[1], each.match(/\?/g)?.length]);

onEach('relations that a query loads ahead', (make) => {
  let db: TestDatabase;
  let session: LocalSession;
  const open = (schema: string) => {
    db = make(schema);
    session = db.open();
  };
  afterEach(() => db.close());

  it('take one statement a step, however many came from how many windows', () => {
    open(`${ATLAS}
      with recursive n (i) as (select 5 union all select i + 1 from n where i < 600) insert into city select i, 'IS', 'city ' || i, 1 from n;
      insert into street select id, id, 'street of ' || name from city where id > 4;`);
    const sent = db.during(() => session.query(Country).with('cities.streets.city', 'flag').all());

    expect(inPlaces(sent)).to.deep.equal([
      ['country', undefined],
      ['city', 4],
      ['street', 256],
      ['street', 256],
      ['street', 128],
      ['flag', 4],
    ]);
    const all = session.query(Country).all();
    expect(
      db.during(() => all.map(({ cities }) => cities.map(({ streets }) => streets.map(({ city }) => city.name)))),
    ).to.deep.equal([]);
  });

  it('are loaded where their lazy loading is refused', () => {
    open(ATLAS);
    const streets = session.query(Street).with('city.country').all();

    expect(streets.map(({ city }) => city.country.name)).to.deep.equal(['Austria', 'Austria', 'Switzerland']);
    expect(() => session.get(Street, 1)?.city.name).not.to.throw();
  });

  it('are asked for only where they are not loaded yet', () => {
    open(SCHEMA);
    expect(session.get(User, 1)?.addresses).to.have.length(2);

    expect(inPlaces(db.during(() => session.query(User).with('addresses').all()))).to.deep.equal([
      ['user', undefined],
      ['address', 4],
    ]);
    expect(inPlaces(db.during(() => session.query(User).with('addresses').all()))).to.deep.equal([['user', undefined]]);
  });

  it('show what was changed before', () => {
    open(SCHEMA);
    (session.get(Address, 4) as Address).userId = 3;
    const cyd = session.query(User).where({ id: 3 }).with('addresses').one();

    expect(cyd.addresses.map(({ street }) => street)).to.deep.equal(['Nowhere']);
  });
});

onEach('refuseLazy()', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(ATLAS);
    session = db.open();
  });
  afterEach(() => db.close());

  it('makes every touch an error that names the relation and the way out', () => {
    const austria = session.query(Country).where({ code: 'AT' }).refuseLazy().one();

    expect(thrownBy(() => austria.cities))
      .to.be.instanceOf(LazyLoadRefusedError)
      .and.include({
        entity: 'Country',
        relation: 'cities',
        message:
          'Country.cities is not loaded, and is not to be loaded by a touch. ' +
          "Load it ahead: session.query(Country).with('cities').",
      });
  });

  it('leaves what is loaded ahead, and holds for what came along', () => {
    const [austria] = session.query(Country).orderBy('code').with('cities').refuseLazy().all();

    expect(austria?.cities).to.have.length(2);
    expect(() => austria?.cities[0]?.streets).to.throw(LazyLoadRefusedError, 'City.streets is not loaded');
    expect(() => austria?.flag).to.throw(LazyLoadRefusedError);
  });

  it('is for the named relations only, also some steps away', () => {
    const austria = session
      .query(Country)
      .where({ code: 'AT' })
      .with('cities')
      .refuseLazy('cities.streets', 'languages')
      .one();

    expect(austria.flag?.colours).to.equal('red white red');
    expect(austria.cities[0]?.twin).to.equal(null);
    expect(() => austria.languages).to.throw(LazyLoadRefusedError);
    expect(() => austria.cities[0]?.streets).to.throw(LazyLoadRefusedError);
  });

  it('is over once the relation is loaded by another query', () => {
    const [graz] = session.query(City).orderBy('id').refuseLazy().all();
    session.query(City).with('country').all();

    expect(graz?.country.name).to.equal('Austria');
  });

  it('refuses names that there are not', () => {
    expect(() => session.query(Country).refuseLazy('citys' as 'cities')).to.throw(
      "refuseLazy(): Country has no relation 'citys'",
    );
  });
});
