import { expect } from 'chai';
import type { LocalSession } from '../../lib/orm/index.js';
import { City, Country, Fee, Language, Membership, SCHEMA, Street, Twin } from './atlas.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';

const COUNTRY = 'select "code", "name" from "country" where';
const CITY = 'select "id", "country_code", "name", "size" from "city" where';

onEach('a condition behind a relation', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  type Case = [
    what: string,
    ask: () => { name?: string; year?: number; since?: number }[],
    answer: string,
    sql: string,
  ];
  const cases: Case[] = [
    [
      'of many: one of them is so',
      () =>
        session
          .query(Country)
          .where({ cities: { name: 'Wien' } })
          .all(),
      'Austria',
      `${COUNTRY} exists (select 1 as "found" from "city" as "cities" where "cities"."country_code" = "country"."code" and "cities"."name" = ?)`,
    ],
    [
      'of many: one of them fulfils all that one object says',
      () =>
        session
          .query(Country)
          .where({ cities: { name: 'Graz', size: [140, 2000] } })
          .all(),
      '',
      `${COUNTRY} exists (select 1 as "found" from "city" as "cities" where "cities"."country_code" = "country"."code" and "cities"."name" = ? and "cities"."size" in (?, ?))`,
    ],
    [
      'of many: each path may mean another of them',
      () => session.query(Country).where('cities.name', '=', 'Graz').where('cities.size', '>=', 2000).all(),
      'Austria',
      `${COUNTRY} exists (select 1 as "found" from "city" as "cities" where "cities"."country_code" = "country"."code" and "cities"."name" = ?)` +
        ' and exists (select 1 as "found" from "city" as "cities" where "cities"."country_code" = "country"."code" and "cities"."size" >= ?)',
    ],
    [
      'of many: there is any',
      () => session.query(Country).where({ cities: {} }).orderBy('name').all(),
      'Austria Germany Switzerland',
      `${COUNTRY} exists (select 1 as "found" from "city" as "cities" where "cities"."country_code" = "country"."code") order by "name" asc`,
    ],
    [
      'of many: there is none',
      () => session.query(Country).where({ cities: null }).all(),
      'Iceland',
      `${COUNTRY} not exists (select 1 as "found" from "city" as "cities" where "cities"."country_code" = "country"."code")`,
    ],
    [
      'of one that belongs to it',
      () => session.query(Country).where('flag.colours', 'like', '%white').all(),
      'Switzerland',
      `${COUNTRY} exists (select 1 as "found" from "flag" as "flag" where "flag"."country_code" = "country"."code" and "flag"."colours" like ?)`,
    ],
    [
      'of one that it belongs to',
      () =>
        session
          .query(City)
          .where({ country: { name: ['Austria', 'Germany'] } })
          .orderBy('id')
          .all(),
      'Graz Wien Bonn',
      `${CITY} exists (select 1 as "found" from "country" as "country" where "country"."code" = "city"."country_code" and "country"."name" in (?, ?)) order by "id" asc`,
    ],
    [
      'of one that it belongs to: there is none',
      () => session.query(Twin).where({ city: null }).all(),
      'Nobody',
      'select "id", "city_id", "name" from "twin" where not exists (select 1 as "found" from "city" as "city" where "city"."id" = "twin"."city_id")',
    ],
    [
      'through a table of pairs',
      () => session.query(Country).where('languages.name', '=', 'French').all(),
      'Switzerland',
      `${COUNTRY} exists (select 1 as "found" from "language" as "languages" inner join "spoken" as "languages_pairs" on "languages_pairs"."language_id" = "languages"."id" where "languages_pairs"."country_code" = "country"."code" and "languages"."name" = ?)`,
    ],
    [
      'through an entity',
      () =>
        session
          .query(Country)
          .where({ unions: { name: 'EFTA' } })
          .orderBy('code')
          .all(),
      'Switzerland Iceland',
      `${COUNTRY} exists (select 1 as "found" from "union_of" as "unions" inner join "membership" as "unions_pairs" on "unions_pairs"."union_id" = "unions"."id" where "unions_pairs"."country_code" = "country"."code" and "unions"."name" = ?) order by "code" asc`,
    ],
    [
      'to its own kind, whose table has another name there',
      () =>
        session
          .query(Country)
          .where({ neighbours: { neighbours: { name: 'Austria' } } })
          .orderBy('code')
          .all(),
      'Austria Switzerland Germany',
      `${COUNTRY} exists (select 1 as "found" from "country" as "neighbours" inner join "border" as "neighbours_pairs" on "neighbours_pairs"."neighbour_code" = "neighbours"."code" where "neighbours_pairs"."country_code" = "country"."code"` +
        ' and exists (select 1 as "found" from "country" as "neighbours_2" inner join "border" as "neighbours_pairs_2" on "neighbours_pairs_2"."neighbour_code" = "neighbours_2"."code" where "neighbours_pairs_2"."country_code" = "neighbours"."code" and "neighbours_2"."name" = ?)) order by "code" asc',
    ],
    [
      'with a key of several columns',
      () => session.query(Membership).where('fees.year', '<', 2021).orderBy('since').all(),
      '1960 1995',
      'select "country_code", "union_id", "since" from "membership" where exists (select 1 as "found" from "fee" as "fees" where "fees"."country_code" = "membership"."country_code" and "fees"."union_id" = "membership"."union_id" and "fees"."year" < ?) order by "since" asc',
    ],
    [
      'with a key of several columns, from its other side',
      () =>
        session
          .query(Fee)
          .where({ membership: { since: 1995 } })
          .orderBy('year')
          .all(),
      '2020 2021',
      'select "id", "country_code", "union_id", "year" from "fee" where exists (select 1 as "found" from "membership" as "membership" where "membership"."country_code" = "fee"."country_code" and "membership"."union_id" = "fee"."union_id" and "membership"."since" = ?) order by "year" asc',
    ],
    [
      'several steps away',
      () => session.query(Street).where('city.country.name', 'like', 'Switz%').all(),
      'Zytglogge',
      'select "id", "city_id", "name" from "street" where exists (select 1 as "found" from "city" as "city" where "city"."id" = "street"."city_id" and exists (select 1 as "found" from "country" as "country" where "country"."code" = "city"."country_code" and "country"."name" like ?))',
    ],
  ];
  for (const [what, ask, answer, sql] of cases) {
    it(`${what}`, () => {
      let found: ReturnType<typeof ask> = [];
      expect(db.during(() => (found = ask()))).to.deep.equal([sql]);
      expect(found.map(({ name, year, since }) => name ?? year ?? since).join(' ')).to.equal(answer);
    });
  }

  it('may be an entity: whose it is stands in the row', () => {
    const austria = session.get(Country, 'AT') as Country;
    const sent = db.during(() =>
      expect(session.query(City).where({ country: austria }).orderBy('id').all()).to.deep.equal(
        austria.cities.toReversed(),
      ),
    );

    expect(sent[0]).to.equal(`${CITY} "country_code" = ? order by "id" asc`);
  });

  it('may be an entity in a relation of many', () => {
    const italian = session.query(Language).where({ name: 'Italian' }).one();

    expect(
      session
        .query(Country)
        .where({ languages: italian })
        .all()
        .map(({ name }) => name),
    ).to.deep.equal(['Switzerland']);
  });

  it('may be an entity with a key of several columns', () => {
    const membership = session.get(Membership, ['AT', 1]) as Membership;

    expect(session.query(Fee).where({ membership }).count()).to.equal(2);
  });

  it('doubles nothing', () => {
    expect(
      session
        .query(Country)
        .where({ cities: { size: [300, 2000] } })
        .all(),
    ).to.have.length(1);
    expect(session.query(Country).where('cities.size', '>', 0).count()).to.equal(3);
  });

  it('counts and finds as well', () => {
    expect(db.during(() => expect(session.query(Country).where({ flag: {} }).count()).to.equal(2))).to.deep.equal([
      'select count(*) as "count" from "country" where exists (select 1 as "found" from "flag" as "flag" where "flag"."country_code" = "country"."code")',
    ]);
    expect(
      session
        .query(Country)
        .where({ flag: { colours: 'blue' } })
        .exists(),
    ).to.equal(false);
  });

  it('is compiled once for each form, whatever the values are', () => {
    const texts = new Set(
      ['Graz', 'Bern', 'x'].flatMap((name) =>
        db.during(() => session.query(Country).where({ cities: { name } }).all()),
      ),
    );

    expect(texts.size).to.equal(1);
  });

  it('sees what was changed at the other end before it', () => {
    const bonn = session.get(City, 4) as City;
    bonn.name = 'Bad Godesberg';

    expect(session.query(Country).where('cities.name', '=', 'Bad Godesberg').one().code).to.equal('DE');
  });

  it('flushes nothing that it could not see', () => {
    (session.get(Street, 1) as Street).name = 'Gürtel';
    const sent = db.during(() => session.query(Country).where('cities.name', '=', 'Wien').all());

    expect(sent).to.have.length(1);
    expect(db.during(() => session.query(Country).where('cities.streets.name', '=', 'Gürtel').all())[0]).to.match(
      /^update "street"/,
    );
  });

  const mistakes: [what: string, ask: () => unknown, message: string | RegExp][] = [
    [
      'a relation that there is not',
      () => session.query(City).where('contry.name' as 'country.name', '=', 'x'),
      "where(): City has no relation 'contry'. Did you mean 'country'?",
    ],
    [
      'a column that there is not',
      () => session.query(City).where('country.nmae' as 'country.name', '=', 'x'),
      "where(): Country has no column 'nmae'. Did you mean 'name'?",
    ],
    [
      'a relation where a column belongs',
      () => session.query(City).where('country' as 'name', '=', 'x'),
      'where(): City.country is a relation, and no column. Its columns are',
    ],
    [
      'a value where a relation is',
      () => session.query(City).where({ country: 'AT' as never }),
      "City.country takes an object that says what to ask of it, an entity of Country, or null, not 'AT'.",
    ],
    [
      'an array where a relation is',
      () => session.query(Country).where({ cities: [] as never }),
      'Country.cities takes an object that says what to ask of one of them, an entity of City, or null, not an array of 0.',
    ],
    [
      'an entity of another kind',
      () => session.query(City).where({ country: session.get(Language, 1) as never }),
      'City.country takes an entity of Country, not an object (Language).',
    ],
    [
      'an entity that is not stored',
      () => session.query(City).where({ country: new Country({ code: 'IT', name: 'Italy' }) }),
      'Country is not stored yet, so nothing has it as its country. Flush it first: session.flush().',
    ],
    [
      'an object where a scalar belongs',
      () => session.query(City).where({ country: { name: { like: 'x' } as never } }),
      'Country.name takes a string, not an object (Object).',
    ],
  ];
  for (const [what, ask, message] of mistakes) {
    it(`refuses ${what}`, () => {
      expect(thrownBy(ask).message).to.include(message);
    });
  }
});
