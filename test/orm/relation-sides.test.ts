import { expect } from 'chai';
import { EntityStateError, type LocalSession } from '../../lib/orm/index.js';
import { City, Country, Fee, Flag, Membership, SCHEMA, Street, Twin } from './atlas.js';
import { onEach, type TestDatabase } from './database.js';

onEach('the two sides of a relation', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;
  let austria: Country;
  let germany: Country;
  let graz: City;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
    austria = session.get(Country, 'AT') as Country;
    germany = session.get(Country, 'DE') as Country;
    graz = session.get(City, 1) as City;
  });
  afterEach(() => db.close());

  const sizes = (country: Country) => country.cities.map(({ name }) => name);

  it('move a child from one loaded collection to another when its parent is assigned', () => {
    void [austria.cities, germany.cities];
    graz.country = germany;

    expect([sizes(austria), sizes(germany)]).to.deep.equal([['Wien'], ['Bonn', 'Graz']]);
    expect(db.during(() => session.commit())).to.deep.equal(['update "city" set "country_code" = ? where "id" = ?']);
  });

  it('move a child when it is pushed into another collection', () => {
    void austria.cities;
    germany.cities.push(graz);

    expect(sizes(austria)).to.deep.equal(['Wien']);
    expect(graz.country).to.equal(germany);
    session.commit();
    expect(graz.countryCode).to.equal('DE');
  });

  it('do not load what nobody asked for', () => {
    expect(db.during(() => (graz.country = germany))).to.deep.equal([]);
    expect(db.during(() => session.flush())).to.deep.equal(['update "city" set "country_code" = ? where "id" = ?']);
    expect(sizes(germany)).to.deep.equal(['Bonn', 'Graz']);
  });

  it('are in step where the foreign key was set by its value, from the flush on', () => {
    void [austria.cities, germany.cities, graz.country];
    graz.countryCode = 'DE';
    session.flush();

    expect([sizes(austria), sizes(germany)]).to.deep.equal([['Wien'], ['Bonn', 'Graz']]);
    expect(graz.country).to.equal(germany);
  });

  it('are in step where a new child was given its parent by the key, from the flush on', () => {
    void germany.cities;
    session.add(new City({ name: 'Jena', countryCode: 'DE' }));
    session.flush();

    expect(sizes(germany)).to.deep.equal(['Bonn', 'Jena']);
  });

  it('of what is new are in step before anything is stored', () => {
    const malta = new Country({ code: 'MT', name: 'Malta' });
    const valletta = new City({ name: 'Valletta' });
    valletta.country = malta;

    expect(malta.cities).to.deep.equal([valletta]);
    session.add(malta);
    session.commit();
    expect(db.rows("select name from city where country_code = 'MT'")).to.deep.equal([['Valletta']]);
  });

  it('take a member once, also where both sides tell of it', () => {
    const malta = new Country({ code: 'MT', name: 'Malta' });
    const valletta = new City({ name: 'Valletta' });
    valletta.country = malta;
    malta.cities.push(valletta);

    expect(malta.cities).to.deep.equal([valletta]);
  });

  it('do not take a new child into the session by its parent: it may not be complete yet', () => {
    const jena = new City({ name: 'Jena' });
    jena.country = germany;

    expect(db.during(() => session.commit())).to.deep.equal([]);
    session.add(jena);
    expect(db.during(() => session.commit())).to.have.length(1);
  });

  it('let a new child wait while something else is done', () => {
    void germany.cities;
    const jena = new City({ name: 'Jena' });
    jena.country = germany;
    for (const _ of session.query(Flag).iterate()) session.flush();
    session.call((own) => own.query(Flag).count());
    session.add(jena);
    session.commit();
    expect(db.rows("select country_code from city where name = 'Jena'")).to.deep.equal([['DE']]);
  });

  it('refuse what is in a collection at the end, and was never added', () => {
    void germany.cities;
    const jena = new City({ name: 'Jena' });
    jena.country = germany;
    session.flush();

    expect(() => session.commit()).to.throw(
      EntityStateError,
      'City is in Country.cities, and was never added. Add it: session.add(…), or take it out.',
    );
    jena.country = null as never;
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('take a new parent into the session, which its child needs', () => {
    graz.country = new Country({ code: 'MT', name: 'Malta' });
    session.commit();

    expect(db.rows('select country_code from city where id = 1')).to.deep.equal([['MT']]);
  });

  it('are in step after a refresh that takes a move back', () => {
    void [austria.cities, germany.cities];
    graz.country = germany;
    session.refresh(graz);

    expect([sizes(austria).sort(), sizes(germany)]).to.deep.equal([['Graz', 'Wien'], ['Bonn']]);
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('freeze a collection that was let go, so that no change of it is lost', () => {
    const { cities } = austria;
    session.refresh(austria);

    expect(() => cities.pop()).to.throw(EntityStateError, 'was let go');
    expect(austria.cities).to.not.equal(cities);
  });

  it('forget keys with the parents that were undone: a key made anew may be a stranger’s', () => {
    const [malta, valletta] = [new Country({ code: 'MT', name: 'Malta' }), new City({ name: 'Valletta' })];
    valletta.country = malta;
    const [twin, other] = [new Twin({ name: 'Palermo' }), new City({ name: 'Other', countryCode: 'AT' })];
    valletta.twin = twin;
    session.add(valletta);
    expect(() =>
      session.savepoint(() => {
        session.flush();
        throw new Error('undo');
      }),
    ).to.throw('undo');
    session.rollback();
    expect([valletta.id, twin.cityId]).to.deep.equal([undefined, null]);

    session.add(other);
    session.flush();
    session.add(valletta);
    session.commit();
    const owner = "select city.name from city join twin on twin.city_id = city.id where twin.name = 'Palermo'";
    expect(db.rows(owner)).to.deep.equal([['Valletta']]);
  });

  it('forget a member that was deleted', () => {
    void austria.cities;
    session.remove(graz);
    session.flush();

    expect(sizes(austria)).to.deep.equal(['Wien']);
  });

  describe('to one', () => {
    it('load for all siblings with one statement', () => {
      const countries = session.query(Country).orderBy('code').all();

      expect(db.during(() => countries.map(({ flag }) => flag))).to.deep.equal([
        'select "country_code", "colours" from "flag" where "country_code" in (?, ?, ?, ?) order by "country_code"',
      ]);
      expect(countries.map(({ flag }) => flag?.colours)).to.deep.equal([
        'red white red',
        'red white',
        undefined,
        undefined,
      ]);
    });

    it('set the key of what is assigned, and are in step', () => {
      const twin = session.get(Twin, 3) as Twin;
      const wien = session.get(City, 2) as City;
      wien.twin = twin;

      expect(twin.city).to.equal(wien);
      session.commit();
      expect(db.rows('select city_id from twin where id = 3')).to.deep.equal([[2]]);
    });

    it('leave what was there before without its key', () => {
      const nobody = session.get(Twin, 3) as Twin;
      const pula = graz.twin as Twin;
      nobody.city = graz;

      expect(graz.twin).to.equal(nobody);
      expect(pula.city).to.equal(null);
      session.commit();
      expect(db.rows('select id, city_id from twin order by id')).to.deep.equal([
        [1, null],
        [2, 4],
        [3, 1],
      ]);
    });

    it('exchange what each has, although there is a place for one only', () => {
      const [bonn, twins] = [session.get(City, 4) as City, session.query(Twin).orderBy('id').limit(2).all()];
      const [pula, oxford] = twins as [Twin, Twin];
      void [graz.twin, bonn.twin];
      graz.twin = oxford;
      bonn.twin = pula;
      session.commit();

      expect(db.rows('select id, city_id from twin order by id')).to.deep.equal([
        [1, 4],
        [2, 1],
        [3, null],
      ]);
      expect(db.during(() => session.commit())).to.deep.equal([]);
    });

    it('exchange an owned one: the former is deleted before the new one is inserted', () => {
      austria.flag = new Flag({ colours: 'black yellow' });

      expect(db.during(() => session.commit())).to.deep.equal(
        [
          'select "country_code", "colours" from "flag" where "country_code" in (?) order by "country_code"',
          'delete from "flag" where "country_code" = ?',
          'insert into "flag" ("country_code", "colours") values (?, ?)',
        ].slice(1),
      );
      expect(db.rows("select colours from flag where country_code = 'AT'")).to.deep.equal([['black yellow']]);
    });
  });

  describe('over a key of two columns', () => {
    it('load in windows from either side', () => {
      const memberships = session.query(Membership).orderBy('countryCode').all();

      expect(db.during(() => memberships.map(({ fees }) => fees))).to.deep.equal([
        'select "id", "country_code", "union_id", "year" from "fee" where ("country_code", "union_id") in ' +
          `(${dialect === 'sqlite' ? 'values ' : ''}(?, ?), (?, ?), (?, ?), (?, ?)) order by "year" asc, "id"`,
      ]);
      expect(memberships.map(({ fees }) => fees.map(({ year }) => year))).to.deep.equal([[2020, 2021], [2020], [], []]);
      expect(session.get(Fee, 3)?.membership).to.equal(memberships[1]);
      expect(session.get(Fee, 4)?.membership).to.equal(null);
    });

    it('set and clear all of its columns', () => {
      const [first, last] = [session.get(Fee, 1) as Fee, session.get(Fee, 4) as Fee];
      last.membership = session.get(Membership, ['IS', 2]) as Membership;
      first.membership = null;
      session.commit();

      expect(db.rows('select id, country_code, union_id from fee where id in (1, 4) order by id')).to.deep.equal([
        [1, null, null],
        [4, 'IS', 2],
      ]);
    });

    it('take the key of a new parent', () => {
      const membership = session.add(new Membership({ since: 2004 }));
      membership.country = session.add(new Country({ code: 'MT', name: 'Malta' }));
      membership.unionId = 1;
      membership.fees.push(new Fee({ year: 2004 }));
      session.commit();

      expect(db.rows('select country_code, union_id from fee where year = 2004')).to.deep.equal([['MT', 1]]);
    });
  });

  it('that refuse lazy loading name the entity, the relation and the way out', () => {
    const street = session.get(Street, 1) as Street;

    expect(() => street.city).to.throw(
      'Street.city is not loaded, and is not to be loaded by a touch. ' +
        "Load it ahead: session.query(Street).with('city').",
    );
  });
});
