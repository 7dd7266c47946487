import { DatabaseError, read, type Session, sql, write } from 'offthread/orm';
import { City, Country, Currency, Visit } from './entities.js';
import { Duplicate, NotFound } from './errors.js';

export interface NewCity {
  countryCode: string;
  name: string;
  population: number;
  latitude: number;
  longitude: number;
}

// Sorts after every letter, so that from 'Lon' up to 'Lon' with it is all that begins with Lon, and the index finds it.
const LAST = '\u{10ffff}';

export const countryPage = read((session: Session, code: string) => {
  const country = find(session, code);
  return {
    code: country.code,
    name: country.name,
    officialName: country.officialName,
    region: country.region,
    area: country.area,
    languages: country.languages.map(({ name }) => name),
    currencies: country.currencies.map(({ code, name, symbol }) => ({ code, name, symbol })),
    cityDwellers: country.cityDwellers,
    largestCities: country.largestCities(10).map(({ name, population }) => ({ name, population })),
    neighbours: country.neighbours.map((neighbour) => ({
      code: neighbour.code,
      name: neighbour.name,
      largestCity: neighbour.largestCity?.name ?? null,
    })),
  };
});

/** The neighbours that a country can talk to, with the languages that both have. */
export const understood = read((session: Session, code: string) => {
  const country = find(session, code);
  return country.neighbours
    .map((neighbour) => ({
      name: neighbour.name,
      languages: country.languagesSharedWith(neighbour).map(({ name }) => name),
    }))
    .filter(({ languages }) => languages.length > 0);
});

/** The currency that most countries pay with, and how many there are. */
export const commonestCurrency = read((session: Session) => {
  const [most] = session
    .query(Currency)
    .with('countries')
    .all()
    .toSorted((a, b) => b.countries.length - a.countries.length);
  return most && { name: most.name, countries: most.countries.length };
});

export const findCities = read((session: Session, prefix: string, limit: number) =>
  session
    .query(City)
    .where(() => sql<boolean>`name collate nocase between ${prefix} and ${prefix + LAST}`)
    .orderBy('population', 'desc')
    .limit(limit)
    .all()
    .map(({ id, name, country, population, latitude, longitude }) => ({
      id,
      name,
      country: country.name,
      population,
      latitude,
      longitude,
    })),
);

export const addCity = write((session: Session, input: NewCity) => {
  const country = find(session, input.countryCode);
  const city = session.add(new City(input));
  try {
    session.flush(); // here the city gets its id, or the database says that it has this one
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind !== 'unique') throw error;
    throw new Duplicate(`${city.name} in ${country.name} is there already, at the same place`, { cause: error });
  }
  if (city.population > (country.largestCity?.population ?? -1)) country.largestCityId = city.id;
  return city;
});

export const visit = write((session: Session, countryCode: string) => {
  session.add(new Visit({ countryCode }));
});

function find(session: Session, code: string): Country {
  const country = session.get(Country, code);
  if (!country) throw new NotFound(`there is no country with the code ${code}`);
  return country;
}
