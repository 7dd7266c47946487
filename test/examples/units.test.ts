import Database from 'better-sqlite3';
import { expect } from 'chai';
import { DatabaseError, sql } from 'offthread';
import { openSession } from 'offthread/orm';
import { Duplicate, NotFound } from '../../examples/world/errors.js';
import { countryPage, understood } from '../../examples/world/units.js';
import { openWorld, type World } from '../../examples/world/world.js';
import { answer } from './answer.js';
import { statementsOf } from './statements.js';
import { copyWorld } from './world-copy.js';

describe('The units of the world', function () {
  this.timeout(60_000);
  let file: string;
  let pool: World;
  before(async () => {
    file = await copyWorld();
    pool = await openWorld(file);
  });
  after(() => pool.close());

  describe("a country's page", () => {
    it('is the same of a plain call and through the pool, for every country, and takes at most six queries', async () => {
      using session = openSession(`sqlite:${file}`);
      const statements = statementsOf(session);
      const codes = (await pool.run(sql<{ code: string }>`select code from country`)).map(({ code }) => code);
      expect(codes).to.have.length(250);
      const pooled = await Promise.all(codes.map((code) => pool.units.countryPage(code)));
      for (const [i, code] of codes.entries()) {
        statements.length = 0;
        expect(pooled[i]).to.deep.equal(session.call(countryPage, code));
        expect(statements.length, code).to.be.within(4, 6);
      }
    });

    for (const code of ['FR', 'US', 'RU', 'IS', 'VA', 'AQ', 'HM']) {
      it(`says of ${code} what SQL says`, async () => {
        const page = await pool.units.countryPage(code);
        expect(page).to.deep.equal(pageBySql(file, code));
      });
    }

    it('takes six queries: the country, and one for each of its relations and for the largest cities of its neighbours', () => {
      using session = openSession(`sqlite:${file}`);
      const statements = statementsOf(session);
      session.call(countryPage, 'FR');
      const asked = statements.map((text) => /from "(\w+)".*? where (.*?)(?: order by .*)?$/.exec(text)?.slice(1));
      expect(asked).to.deep.equal([
        ['country', '"code" = ?'],
        ['language', '"through"."country_code" in (?)'],
        ['currency', '"through"."country_code" in (?)'],
        ['city', '"country_code" in (?)'],
        ['country', '"through"."country_code" in (?)'],
        ['city', `"id" in (${Array(8).fill('?').join(', ')})`],
      ]);
    });

    it('of no country is a NotFound, which arrives as itself', async () => {
      const error = await pool.units.countryPage('XX').catch((error: unknown) => error);
      expect(error).to.be.instanceOf(NotFound);
      expect((error as NotFound).message).to.equal('there is no country with the code XX');
    });
  });

  describe('the neighbours that a country can talk to', () => {
    it('have a language in common with it', async () => {
      expect(await pool.units.understood('BE')).to.deep.equal([
        { name: 'France', languages: ['French'] },
        { name: 'Germany', languages: ['German'] },
        { name: 'Luxembourg', languages: ['French', 'German'] },
        { name: 'Netherlands', languages: ['Dutch'] },
      ]);
      expect(await pool.units.understood('IS')).to.deep.equal([]);
    });

    for (const code of ['BE', 'ZA', 'RU', 'US']) {
      it(`are for ${code} those that SQL knows`, async () => {
        const pairs = (await pool.units.understood(code)).map(({ name, languages }) => [name, languages.length]);
        expect(Object.fromEntries(pairs)).to.deep.equal(sharedBySql(file, code));
      });
    }

    it('take four queries, however many there are', () => {
      using session = openSession(`sqlite:${file}`);
      const statements = statementsOf(session);
      session.call(understood, 'CN');
      expect(statements).to.have.length(4);
    });
  });

  it('the currency that most countries pay with is the one that SQL finds', async () => {
    const most = await pool.units.commonestCurrency();
    const count = 'select max(n) from (select count(*) as n from country_currency group by currency_code)';
    expect(most).to.deep.equal({ name: 'Euro', countries: answer(file, count) });
  });

  describe('a search', () => {
    const find = async (prefix: string, limit: number) =>
      (await pool.units.findCities(prefix, limit)).map(({ name, country }) => `${name}, ${country}`);

    it('finds the largest cities whose names begin so, without regard to case', async () => {
      const found = ['London, United Kingdom', 'Long Beach, United States', 'Londrina, Brazil'];
      expect(await find('lon', 3)).to.deep.equal(found);
      expect(await find('LON', 3)).to.deep.equal(found);
    });

    it('finds all of them, as many as LIKE does', async () => {
      const all = answer(file, "select count(*) from city where name like 'san %'");
      expect(all).to.be.above(1_000);
      expect(await find('San ', 10_000)).to.have.length(all as number);
    });

    it('takes every sign as it is', async () => {
      expect(await find('%', 10)).to.deep.equal([]);
      expect(await find('_ondon', 10)).to.deep.equal([]);
      expect(await find("'s-Gravenz", 1)).to.deep.equal(["'s-Gravenzande, Netherlands"]);
    });
  });

  describe('a new city', () => {
    const town = { countryCode: 'IS', name: 'Qqtown', population: 12, latitude: 64, longitude: -20 };
    const largest = async () => (await pool.units.countryPage('IS')).largestCities[0]?.name;
    const marked = () =>
      answer(file, "select city.name from country join city on city.id = largest_city_id where code = 'IS'");

    it('comes back with its id, and is there', async () => {
      const { id, ...rest } = await pool.units.addCity(town);
      expect(rest).to.deep.equal(town);
      expect(answer(file, 'select name from city where id = ?', id)).to.equal('Qqtown');
      expect([await largest(), marked()]).to.deep.equal(['Reykjavík', 'Reykjavík']);
    });

    it('is the largest of its country if it is', async () => {
      await pool.units.addCity({ ...town, name: 'Qqlarge', population: 9_000_000 });
      expect([await largest(), marked()]).to.deep.equal(['Qqlarge', 'Qqlarge']);
    });

    it('is the largest of a country that had none', async () => {
      expect(answer(file, "select largest_city_id from country where code = 'HM'")).to.equal(null);
      const { id } = await pool.units.addCity({ ...town, countryCode: 'HM', population: 0 });
      expect(answer(file, "select largest_city_id from country where code = 'HM'")).to.equal(id);
    });

    it('that is there already is a Duplicate, whose cause is what the database said', async () => {
      const before = answer(file, 'select count(*) from city');
      const error = await pool.units.addCity({ ...town, name: 'QQTOWN' }).catch((error: unknown) => error);
      expect(error).to.be.instanceOf(Duplicate);
      expect(error).to.have.property('message', 'QQTOWN in Iceland is there already, at the same place');
      expect((error as Duplicate).cause)
        .to.be.instanceOf(DatabaseError)
        .and.have.property('kind', 'unique');
      expect(answer(file, 'select count(*) from city')).to.equal(before);
    });

    it('in no country is a NotFound', async () => {
      const error = await pool.units.addCity({ ...town, countryCode: 'XX' }).catch((error: unknown) => error);
      expect(error).to.be.instanceOf(NotFound);
    });
  });

  it('a visit is a row with its time', async () => {
    const before = Date.now();
    await pool.units.visit('IS');
    const [row] = await pool.run(sql<{ country_code: string; at: string }>`select country_code, at from visit`);
    expect(row?.country_code).to.equal('IS');
    expect(new Date(row?.at as string).getTime()).to.be.within(before, Date.now());
  });
});

/** The page made of nothing but SQL and the driver. */
function pageBySql(file: string, code: string): object {
  const database = new Database(file, { readonly: true });
  try {
    const one = (text: string) => database.prepare(text).get(code) as Record<string, unknown>;
    const all = (text: string) => database.prepare(text).all(code);
    const country = one('select code, name, official_name as officialName, region, area from country where code = ?');
    const through = (table: string) =>
      `from ${table} join country_${table} on code = ${table}_code where country_code = ? order by`;
    return {
      ...country,
      languages: database
        .prepare(`select name ${through('language')} name`)
        .pluck()
        .all(code),
      currencies: all(`select code, name, symbol ${through('currency')} code`),
      ...one('select coalesce(sum(population), 0) as cityDwellers from city where country_code = ?'),
      largestCities: all(
        'select name, population from city where country_code = ? order by population desc, id limit 10',
      ),
      neighbours: all(`
        select country.code, country.name, city.name as largestCity
        from border join country on country.code = neighbour_code left join city on city.id = largest_city_id
        where border.country_code = ? order by country.name`),
    };
  } finally {
    database.close();
  }
}

/** How many languages each neighbour shares with a country, asked of the tables. */
function sharedBySql(file: string, code: string): object {
  const database = new Database(file, { readonly: true });
  try {
    const rows = database
      .prepare(
        `select country.name, count(*) from border
        join country on country.code = neighbour_code
        join country_language as own on own.country_code = border.country_code
        join country_language as theirs on theirs.country_code = neighbour_code and theirs.language_code = own.language_code
        where border.country_code = ? group by country.code`,
      )
      .raw()
      .all(code);
    return Object.fromEntries(rows as [string, number][]);
  } finally {
    database.close();
  }
}
