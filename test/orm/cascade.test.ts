import { expect } from 'chai';
import { EntityStateError, type LocalSession } from '../../lib/orm/index.js';
import { City, Country, Flag, SCHEMA, Twin } from './atlas.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';

onEach('a cascade', (make) => {
  let db: TestDatabase;
  let session: LocalSession;
  const country = (code: string) => session.get(Country, code) as Country;
  const city = (id: number) => session.get(City, id) as City;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  it('deletes the children that are declared to go, and what stands between, before the parent', () => {
    const germany = country('DE');
    germany.neighbourOf = [];
    const sent = db.during(() => {
      session.remove(germany);
      session.commit();
    });
    expect(sent.filter((sql) => sql.startsWith('delete'))).to.include.members([
      'delete from "city" where "id" = ?',
      'delete from "membership" where "country_code" = ? and "union_id" = ?',
      'delete from "country" where "code" = ?',
    ]);
    expect(sent.at(-1)).to.equal('delete from "country" where "code" = ?');
    expect(db.rows("select name from country where code = 'DE'")).to.deep.equal([]);
    expect(db.rows("select name from city where country_code = 'DE'")).to.deep.equal([]);
  });

  it('takes along who was given the key of a removed parent by its value', () => {
    const malta = session.add(new Country({ code: 'MT', name: 'Malta' }));
    session.commit();
    session.add(new City({ name: 'Valletta', countryCode: 'MT' }));
    const graz = city(1);
    graz.countryCode = 'MT';
    session.remove(malta);
    session.commit();

    expect(db.rows("select name from city where name = 'Valletta' or id = 1")).to.deep.equal([]);
  });

  it('leaves those to a new parent who come to him by the key that he has taken over', () => {
    const malta = session.add(new Country({ code: 'MT', name: 'Malta' }));
    session.add(new City({ name: 'Mdina', countryCode: 'MT' }));
    session.commit();
    session.remove(malta);
    session.add(new Country({ code: 'MT', name: 'Malta again' }));
    session.add(new City({ name: 'Valletta', countryCode: 'MT' }));
    city(1).countryCode = 'MT';
    session.commit();

    expect(db.rows("select name from city where country_code = 'MT' order by name")).to.deep.equal([
      ['Graz'],
      ['Valletta'],
    ]);
    expect(db.rows("select name from country where code = 'MT'")).to.deep.equal([['Malta again']]);
  });

  it('leaves alone who was never added', () => {
    const malta = session.add(new Country({ code: 'MT', name: 'Malta' }));
    session.commit();
    void malta.cities;
    const valletta = new City({ name: 'Valletta' });
    valletta.country = malta;
    session.remove(malta);
    session.commit();

    expect(db.rows("select name from city where name = 'Valletta'")).to.deep.equal([]);
    expect(db.rows("select name from country where code = 'MT'")).to.deep.equal([]);
  });

  it('loads the children of many parents with one statement', () => {
    for (const code of ['AT', 'CH']) session.remove(country(code));

    const sent = db.during(() => expect(() => session.flush()).to.throw());
    expect(sent.filter((sql) => sql.includes('from "city"'))).to.deep.equal([
      'select "id", "country_code", "name", "size" from "city" where "country_code" in (?, ?) order by "size" desc, "id"',
    ]);
  });

  it('leaves children without a parent where that is declared', () => {
    const bonn = city(4);
    session.remove(bonn);
    session.commit();

    expect(db.rows('select city_id from twin where id = 2')).to.deep.equal([[null]]);
    expect(session.get(Twin, 2)?.city).to.equal(null);
  });

  it('refuses while there are children where that is declared, and says which', () => {
    session.remove(city(3));

    expect(thrownBy(() => session.commit()))
      .to.be.instanceOf(EntityStateError)
      .and.include({
        message:
          'City 3 cannot be removed: there is something in City.streets. ' +
          "Remove or move its streets first, or declare the relation with onRemove: 'delete' or 'nullify'.",
      });
  });

  it('that refuses lets a parent go with its children', () => {
    const bern = city(3);
    for (const street of bern.streets) session.remove(street);
    session.remove(bern);
    session.commit();

    expect(db.rows('select * from city where id = 3')).to.deep.equal([]);
  });

  it('deletes an orphan: a child that is taken out and put nowhere else', () => {
    const austria = country('AT');
    const [, graz] = austria.cities as [City, City];
    austria.cities.splice(1, 1);

    expect(db.during(() => session.commit())).to.include('delete from "city" where "id" = ?');
    expect(db.rows("select name from city where country_code = 'AT'")).to.deep.equal([['Wien']]);
    expect(() => session.refresh(graz)).to.throw(EntityStateError, 'City is detached');
  });

  it('deletes an orphan also where its parent was set to null', () => {
    const bonn = city(4);
    void country('DE').cities;
    (bonn as { country: Country | null }).country = null;
    session.commit();

    expect(db.rows('select * from city where id = 4')).to.deep.equal([]);
  });

  it('makes one update of a child that is moved to another parent', () => {
    const [austria, germany] = [country('AT'), country('DE')];
    void germany.cities;
    germany.cities.push(...austria.cities.splice(1, 1));

    expect(db.during(() => session.commit())).to.deep.equal(['update "city" set "country_code" = ? where "id" = ?']);
  });

  it('does not insert a new child that was taken out again', () => {
    const germany = country('DE');
    germany.cities.push(new City({ name: 'Jena' }));
    germany.cities.pop();

    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('deletes an owned one that is set to null', () => {
    country('AT').flag = null;
    session.commit();

    expect(db.rows('select country_code from flag')).to.deep.equal([['CH']]);
  });

  it('saves everything new that is related to what is added', () => {
    const malta = new Country({ code: 'MT', name: 'Malta' });
    malta.flag = new Flag({ colours: 'white red' });
    const valletta = new City({ name: 'Valletta' });
    valletta.twin = new Twin({ name: 'Palermo' });
    malta.cities.push(valletta);
    session.add(malta);
    session.commit();

    expect(
      db.rows("select name from twin where city_id = (select id from city where name = 'Valletta')"),
    ).to.deep.equal([['Palermo']]);
    expect(db.rows("select colours from flag where country_code = 'MT'")).to.deep.equal([['white red']]);
  });

  it('is undone by a rollback', () => {
    const germany = country('DE');
    const [bonn] = germany.cities as [City];
    germany.cities.pop();
    session.flush();
    session.rollback();

    expect(germany.cities).to.deep.equal([bonn]);
    expect(bonn.country).to.equal(germany);
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });
});
