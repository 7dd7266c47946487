import { belongsTo, Entity, hasMany, integer, manyToMany, real, text, timestamp } from 'offthread/orm';

export class Country extends Entity('country', {
  code: text().primaryKey(),
  name: text(),
  officialName: text('official_name'),
  region: text(),
  area: real().nullable(),
  largestCityId: integer('largest_city_id').nullable(),
}) {
  declare cities: City[];
  declare neighbours: Country[];
  declare languages: Language[];
  declare currencies: Currency[];
  declare largestCity: City | null;

  static relations = {
    cities: hasMany(() => City, 'countryCode'),
    // A row for each side of a border: France has Spain as a neighbour, and Spain has France.
    neighbours: manyToMany(() => Country, {
      through: 'border',
      from: 'country_code',
      to: 'neighbour_code',
      orderBy: 'name',
    }),
    languages: manyToMany(() => Language, {
      through: 'country_language',
      from: 'country_code',
      to: 'language_code',
      orderBy: 'name',
    }),
    currencies: manyToMany(() => Currency, {
      through: 'country_currency',
      from: 'country_code',
      to: 'currency_code',
    }),
    // Kept in a column, so that a neighbour's largest city is one row to load, and not all of its cities.
    largestCity: belongsTo(() => City, 'largestCityId'),
  };

  /** How many people live in its cities. */
  get cityDwellers(): number {
    return this.cities.reduce((sum, city) => sum + city.population, 0);
  }

  largestCities(count: number): City[] {
    return this.cities.toSorted((a, b) => b.population - a.population).slice(0, count);
  }

  /** A session has one object for each row, so that these are the same ones where they mean the same. */
  languagesSharedWith(other: Country): Language[] {
    return this.languages.filter((language) => other.languages.includes(language));
  }
}

export class City extends Entity(
  'city',
  {
    id: integer().primaryKey(),
    countryCode: text('country_code'),
    name: text(),
    population: integer(),
    latitude: real(),
    longitude: real(),
  },
  { indexes: [['countryCode', 'population']] },
) {
  declare country: Country;

  static relations = { country: belongsTo(() => Country, 'countryCode') };
}

export class Language extends Entity('language', { code: text().primaryKey(), name: text() }) {
  declare countries: Country[];

  static relations = {
    countries: manyToMany(() => Country, {
      through: 'country_language',
      from: 'language_code',
      to: 'country_code',
      orderBy: 'name',
    }),
  };
}

export class Currency extends Entity('currency', { code: text().primaryKey(), name: text(), symbol: text() }) {
  declare countries: Country[];

  static relations = {
    countries: manyToMany(() => Country, {
      through: 'country_currency',
      from: 'currency_code',
      to: 'country_code',
      orderBy: 'name',
    }),
  };
}

export class Visit extends Entity('visit', {
  id: integer().primaryKey(),
  countryCode: text('country_code'),
  at: timestamp().default(() => new Date()),
}) {
  declare country: Country;

  static relations = { country: belongsTo(() => Country, 'countryCode') };
}
