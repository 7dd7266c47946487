import { belongsTo, Entity, hasMany, hasOne, integer, manyToMany, text } from '../../lib/orm/index.js';

/** Every kind of relation: one with a table of pairs, one through an entity, a graph, an owner of what it owns. */
export class Country extends Entity('country', {
  code: text().primaryKey(),
  name: text(),
}) {
  declare cities: City[];
  declare flag: Flag | null;
  declare languages: Language[];
  declare neighbours: Country[];
  declare neighbourOf: Country[];
  declare memberships: Membership[];
  declare unions: Union[];

  static relations = {
    cities: hasMany(() => City, 'countryCode', { orderBy: { size: 'desc' }, onRemove: 'delete', orphans: 'delete' }),
    flag: hasOne(() => Flag, 'countryCode', { onRemove: 'delete', orphans: 'delete' }),
    languages: manyToMany(() => Language, {
      through: 'spoken',
      from: 'country_code',
      to: 'language_id',
      orderBy: 'name',
    }),
    neighbours: manyToMany(() => Country, { through: 'border', from: 'country_code', to: 'neighbour_code' }),
    neighbourOf: manyToMany(() => Country, { through: 'border', from: 'neighbour_code', to: 'country_code' }),
    memberships: hasMany(() => Membership, 'countryCode', { onRemove: 'delete' }),
    unions: manyToMany(() => Union, { through: () => Membership, from: 'countryCode', to: 'unionId' }),
  };
}

export class City extends Entity('city', {
  id: integer().primaryKey(),
  countryCode: text('country_code').references('country'),
  name: text(),
  size: integer().default(0),
}) {
  declare country: Country;
  declare streets: Street[];
  declare twin: Twin | null;

  static relations = {
    country: belongsTo(() => Country, 'countryCode'),
    streets: hasMany(() => Street, 'cityId', { onRemove: 'refuse' }),
    twin: hasOne(() => Twin, 'cityId', { onRemove: 'nullify' }),
  };
}

export class Street extends Entity('street', {
  id: integer().primaryKey(),
  cityId: integer('city_id').references('city'),
  name: text(),
}) {
  declare city: City;
  static relations = { city: belongsTo(() => City, 'cityId', { lazy: 'refuse' }) };
}

export class Twin extends Entity('twin', {
  id: integer().primaryKey(),
  cityId: integer('city_id').nullable().unique(),
  name: text(),
}) {
  declare city: City | null;
  static relations = { city: belongsTo(() => City, 'cityId') };
}

export class Flag extends Entity('flag', {
  countryCode: text('country_code').primaryKey().references('country'),
  colours: text(),
}) {
  declare country: Country;
  static relations = { country: belongsTo(() => Country, 'countryCode') };
}

export class Language extends Entity('language', { id: integer().primaryKey(), name: text() }) {
  declare countries: Country[];
  static relations = {
    countries: manyToMany(() => Country, { through: 'spoken', from: 'language_id', to: 'country_code' }),
  };
}

export class Union extends Entity('union_of', { id: integer().primaryKey(), name: text() }) {
  declare memberships: Membership[];
  static relations = { memberships: hasMany(() => Membership, 'unionId') };
}

/** The table between countries and unions, with a column of its own. */
export class Membership extends Entity('membership', {
  countryCode: text('country_code').primaryKey().references('country'),
  unionId: integer('union_id').primaryKey(),
  since: integer().default(2000),
}) {
  declare country: Country;
  declare union: Union;
  declare fees: Fee[];
  static relations = {
    country: belongsTo(() => Country, 'countryCode'),
    union: belongsTo(() => Union, 'unionId'),
    fees: hasMany(() => Fee, ['countryCode', 'unionId'], { orderBy: 'year' }),
  };
}

/** Belongs to an entity with a key of two columns. */
export class Fee extends Entity('fee', {
  id: integer().primaryKey(),
  countryCode: text('country_code').nullable(),
  unionId: integer('union_id').nullable(),
  year: integer(),
}) {
  declare membership: Membership | null;
  static relations = { membership: belongsTo(() => Membership, ['countryCode', 'unionId']) };
}

export const SCHEMA = `
  create table country (code text primary key, name text not null);
  create table city (id integer primary key, country_code text not null references country (code), name text not null,
    size integer not null);
  create table street (id integer primary key, city_id integer not null references city (id), name text not null);
  create table twin (id integer primary key, city_id integer unique references city (id), name text not null);
  create table flag (country_code text primary key references country (code), colours text not null);
  create table language (id integer primary key, name text not null);
  create table spoken (country_code text not null references country (code),
    language_id integer not null references language (id), primary key (country_code, language_id));
  create table border (country_code text not null references country (code),
    neighbour_code text not null references country (code), primary key (country_code, neighbour_code));
  create table union_of (id integer primary key, name text not null);
  create table membership (country_code text not null references country (code),
    union_id integer not null references union_of (id), since integer not null, primary key (country_code, union_id));
  create table fee (id integer primary key, country_code text, union_id integer, year integer not null,
    foreign key (country_code, union_id) references membership (country_code, union_id));
  insert into country values ('AT', 'Austria'), ('CH', 'Switzerland'), ('DE', 'Germany'), ('IS', 'Iceland');
  insert into city values
    (1, 'AT', 'Graz', 300), (2, 'AT', 'Wien', 2000), (3, 'CH', 'Bern', 140), (4, 'DE', 'Bonn', 330);
  insert into street values (1, 2, 'Ring'), (2, 2, 'Graben'), (3, 3, 'Zytglogge');
  insert into twin values (1, 1, 'Pula'), (2, 4, 'Oxford'), (3, null, 'Nobody');
  insert into flag values ('AT', 'red white red'), ('CH', 'red white');
  insert into language values (1, 'German'), (2, 'French'), (3, 'Italian');
  insert into spoken values ('AT', 1), ('CH', 1), ('CH', 2), ('CH', 3), ('DE', 1);
  insert into border values ('AT', 'CH'), ('AT', 'DE'), ('CH', 'AT'), ('CH', 'DE'), ('DE', 'AT'), ('DE', 'CH');
  insert into union_of values (1, 'EU'), (2, 'EFTA');
  insert into membership values ('AT', 1, 1995), ('DE', 1, 1957), ('CH', 2, 1960), ('IS', 2, 1970);
  insert into fee values (1, 'AT', 1, 2021), (2, 'AT', 1, 2020), (3, 'CH', 2, 2020), (4, null, null, 2019);
`;
