import { belongsTo, Entity, hasMany, integer, json, real, text, timestamp } from 'offthread/orm';

export interface Currency {
  code: string;
  name: string;
  symbol: string;
}

export class Country extends Entity('country', {
  code: text().primaryKey(),
  name: text(),
  officialName: text('official_name'),
  region: text(),
  area: real().nullable(),
  languages: json<string[]>(),
  currencies: json<Currency[]>(),
  largestCityId: integer('largest_city_id').nullable(),
}) {
  declare cities: City[];
  declare borders: Border[];
  declare largestCity: City | null;

  static relations = {
    cities: hasMany(() => City, 'countryCode'),
    borders: hasMany(() => Border, 'countryCode'),
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
}

export class City extends Entity('city', {
  id: integer().primaryKey(),
  countryCode: text('country_code'),
  name: text(),
  population: integer(),
  latitude: real(),
  longitude: real(),
}) {
  declare country: Country;

  static relations = { country: belongsTo(() => Country, 'countryCode') };
}

/** One side of a border: France has one to Spain, and Spain has one to France. */
export class Border extends Entity('border', {
  id: integer().primaryKey(),
  countryCode: text('country_code'),
  neighbourCode: text('neighbour_code'),
}) {
  declare country: Country;
  declare neighbour: Country;

  static relations = {
    country: belongsTo(() => Country, 'countryCode'),
    neighbour: belongsTo(() => Country, 'neighbourCode'),
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
