import Database from 'better-sqlite3';
import { expect } from 'chai';
import { DatabaseError, sql } from 'offthread';
import { openSession } from 'offthread/orm';
import { Duplicate, NotFound } from '../../examples/world/errors.js';
import { countryPage } from '../../examples/world/units.js';
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
    it('is the same of a plain call and through the pool, for every country, and takes at most five queries', async () => {
      using session = openSession(`sqlite:${file}`);
      const statements = statementsOf(session);
      const codes = (await pool.run(sql<{ code: string }>`select code from country`)).map(({ code }) => code);
      expect(codes).to.have.length(250);
      const pooled = await Promise.all(codes.map((code) => pool.units.countryPage(code)));
      for (const [i, code] of codes.entries()) {
        statements.length = 0;
        expect(pooled[i]).to.deep.equal(session.call(countryPage, code));
        expect(statements.length, code).to.be.within(3, 5);
      }
    });

    for (const code of ['FR', 'US', 'RU', 'IS', 'VA', 'AQ', 'HM']) {
      it(`says of ${code} what SQL says`, async () => {
        const page = await pool.units.countryPage(code);
        expect(page).to.deep.equal(pageBySql(file, code));
      });
    }

    it('takes five queries: the country, its cities, its borders, the neighbours, and the largest city of each', () => {
      using session = openSession(`sqlite:${file}`);
      const statements = statementsOf(session);
      session.call(countryPage, 'FR');
      expect(statements.map((text) => /from "(\w+)" where (.*?)(?: order by .*)?$/.exec(text)?.slice(1))).to.deep.equal(
        [
          ['country', '"code" = ?'],
          ['city', '"country_code" in (?)'],
          ['border', '"country_code" in (?)'],
          ['country', `"code" in (${Array(8).fill('?').join(', ')})`],
          ['city', `"id" in (${Array(8).fill('?').join(', ')})`],
        ],
      );
    });

    it('of no country is a NotFound, which arrives as itself', async () => {
      const error = await pool.units.countryPage('XX').catch((error: unknown) => error);
      expect(error).to.be.instanceOf(NotFound);
      expect((error as NotFound).message).to.equal('there is no country with the code XX');
    });
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
    const country = one(
      'select code, name, official_name as officialName, region, area, languages, currencies from country where code = ?',
    );
    return {
      ...country,
      languages: JSON.parse(country.languages as string),
      currencies: JSON.parse(country.currencies as string),
      ...one('select coalesce(sum(population), 0) as cityDwellers from city where country_code = ?'),
      largestCities: all(
        'select name, population from city where country_code = ? order by population desc, id limit 10',
      ),
      neighbours: all(`
        select country.code, country.name, city.name as largestCity
        from border join country on country.code = neighbour_code left join city on city.id = largest_city_id
        where border.country_code = ? order by border.id`),
    };
  } finally {
    database.close();
  }
}
